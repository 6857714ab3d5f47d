/* The users and groups of a page: the one that kernel/hosts says a program
 * runs as, root, at home where $HOME is when first asked.  It has no password,
 * and no shell.
 *
 * These stand in for functions of the C library that know nobody; each module
 * that asks is linked with a copy of its own.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static char root_name[] = "root";
static char no_text[] = "";
static char *no_members[] = {NULL};

/* What getpwent() and getgrent() have given since they began. */
static bool has_given_user;
static bool has_given_group;

/* --- Users -------------------------------------------------------------- */

/* The host sets $HOME; a program may set it again, or forget it. */
static char *
home_of_root(void)
{
    static char home[PATH_MAX];
    const char *text = getenv("HOME");

    if (home[0] == '\0' && text != NULL) {
        (void)snprintf(home, sizeof(home), "%s", text);
    }
    return home;
}

static struct passwd *
fill_user(struct passwd *user)
{
    *user = (struct passwd){
        .pw_name = root_name,
        .pw_passwd = no_text,
        .pw_gecos = no_text,
        .pw_dir = home_of_root(),
        .pw_shell = no_text,
    };
    return user;
}

int
getpwnam_r(const char *name, struct passwd *user, char *buffer, size_t size,
           struct passwd **result)
{
    (void)buffer;
    (void)size;
    *result = strcmp(name, root_name) == 0 ? fill_user(user) : NULL;
    return 0;
}

int
getpwuid_r(uid_t id, struct passwd *user, char *buffer, size_t size,
           struct passwd **result)
{
    (void)buffer;
    (void)size;
    *result = id == 0 ? fill_user(user) : NULL;
    return 0;
}

void
setpwent(void)
{
    has_given_user = false;
}

void
endpwent(void)
{
    has_given_user = false;
}

struct passwd *
getpwent(void)
{
    static struct passwd user;

    if (has_given_user) {
        return NULL;
    }
    has_given_user = true;
    return fill_user(&user);
}

/* --- Groups ------------------------------------------------------------- */

static struct group *
fill_group(struct group *group)
{
    *group = (struct group){
        .gr_name = root_name,
        .gr_passwd = no_text,
        .gr_mem = no_members,
    };
    return group;
}

int
getgrnam_r(const char *name, struct group *group, char *buffer, size_t size,
           struct group **result)
{
    (void)buffer;
    (void)size;
    *result = strcmp(name, root_name) == 0 ? fill_group(group) : NULL;
    return 0;
}

int
getgrgid_r(gid_t id, struct group *group, char *buffer, size_t size,
           struct group **result)
{
    (void)buffer;
    (void)size;
    *result = id == 0 ? fill_group(group) : NULL;
    return 0;
}

void
setgrent(void)
{
    has_given_group = false;
}

void
endgrent(void)
{
    has_given_group = false;
}

struct group *
getgrent(void)
{
    static struct group group;

    if (has_given_group) {
        return NULL;
    }
    has_given_group = true;
    return fill_group(&group);
}
