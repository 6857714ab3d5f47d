/* The `tincture` command: packs a notebook into one HTML file, and unpacks it.
 *
 * The work is done by the library; command_*.c read arguments, os_*.c speak
 * with the operating system.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "status.h"
#include "version.h"

static const char help[] =
    "usage: tincture pack NOTEBOOK [-o OUT.html] [options]\n"
    "       tincture unpack REPORT.html [-d DIR] [--force]\n"
    "       tincture info REPORT.html [--json]\n"
    "       tincture repack REPORT.html [-o OUT.html]\n"
    "       tincture plugin --inline [-o OUT.js]\n"
    "       tincture --version\n"
    "\n"
    "A notebook is .iomd, .jsmd, an Iodide .html, .ipynb, or .py with\n"
    "`# %%` cells.  A report is one HTML file that holds the notebook, its\n"
    "data and Python, and works from disk without a network.\n"
    "\n"
    "`tincture COMMAND --help` tells more about each.\n";

int
command_fail(int status, const struct tn_problem *problem)
{
    static const char *const texts[] = {
        [-TN_ERROR_MEMORY] = "out of memory",
        [-TN_ERROR_INVALID] = "the input is damaged",
        [-TN_ERROR_LIMIT] = "a limit was passed",
        [-TN_ERROR_IO] = "cannot read or write",
        [-TN_ERROR_MISSING] = "something is missing",
        [-TN_ERROR_STATE] = "not possible now",
        [-TN_ERROR_UNSUPPORTED] = "not supported",
    };
    const char *text = problem->text;
    if (text[0] == '\0' && status < 0) {
        text = texts[-status];
    }
    fputs("tincture: ", stderr);
    for (; *text != '\0'; text++) {
        /* Names from a hostile file must not reach a terminal as they are. */
        unsigned char byte = (unsigned char)*text;
        fputc(byte < 0x20 || byte == 0x7f ? '?' : byte, stderr);
    }
    fputc('\n', stderr);
    return EXIT_FAILED;
}

int
command_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "tincture %s: ", command);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nTry `tincture %s --help`.\n", command);
    va_end(arguments);
    return EXIT_USAGE;
}

const char *
command_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int count, char **arguments);
    } commands[] = {
        {"pack", command_pack},
        {"unpack", command_unpack},
        {"info", command_info},
        {"repack", command_repack},
        {"plugin", command_plugin},
        {"compress", command_compress},
    };
    if (argc < 2) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("tincture " TN_VERSION);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0) {
            return commands[i].run(argc - 2, argv + 2);
        }
    }
    fprintf(stderr, "tincture: no command `%s`\n", argv[1]);
    fputs(help, stderr);
    return EXIT_USAGE;
}
