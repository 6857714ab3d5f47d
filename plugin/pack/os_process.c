/* Running another program with its input and output in memory. */
#define _GNU_SOURCE
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "status.h"

extern char **environ;

#define BLOCK_SIZE 65536

/* The two pipes: what we write to, what we read from; -1 when closed. */
struct pipes {
    int child_input;
    int to_child;
    int from_child;
    int child_output;
};

static void
close_end(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

static int
open_pipes(struct pipes *pipes)
{
    int input[2];
    int output[2];
    *pipes = (struct pipes){-1, -1, -1, -1};
    if (pipe2(input, O_CLOEXEC) != 0) {
        return -1;
    }
    pipes->child_input = input[0];
    pipes->to_child = input[1];
    if (pipe2(output, O_CLOEXEC) != 0) {
        return -1;
    }
    pipes->from_child = output[0];
    pipes->child_output = output[1];
    return 0;
}

/* Returns 0 or an errno. */
static int
spawn(const char *program, const char *const *arguments,
      const struct pipes *pipes, pid_t *process)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawn_file_actions_adddup2(&actions, pipes->child_input, 0);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions,
                                                 pipes->child_output, 1);
    }
    if (error == 0) {
        /* posix_spawnp's type is older than const; it changes nothing. */
        union {
            const char *const *given;
            char *const *wanted;
        } list = {arguments};
        error = posix_spawnp(process, program, &actions, NULL, list.wanted,
                             environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int
read_some(struct pipes *pipes, struct tn_buffer *output)
{
    char block[BLOCK_SIZE];
    ssize_t count = read(pipes->from_child, block, sizeof block);
    if (count < 0) {
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    }
    if (count == 0) {
        close_end(&pipes->from_child);
        return 0;
    }
    return tn_buffer_append(output, block, (size_t)count) == TN_OK ? 0 : -1;
}

static void
write_some(struct pipes *pipes, const char **input, size_t *size)
{
    size_t block = *size < BLOCK_SIZE ? *size : BLOCK_SIZE;
    ssize_t count = write(pipes->to_child, *input, block);
    if (count > 0) {
        *input += count;
        *size -= (size_t)count;
    }
    /* A child that does not read on says so in its output or exit code. */
    bool is_broken =
        count < 0 && errno != EINTR && errno != EAGAIN;
    if (*size == 0 || is_broken) {
        close_end(&pipes->to_child);
    }
}

/* Writes and reads until the child has closed its output. */
static int
exchange(struct pipes *pipes, const char *input, size_t size,
         struct tn_buffer *output)
{
    fcntl(pipes->to_child, F_SETFL, O_NONBLOCK);
    if (size == 0) {
        close_end(&pipes->to_child);
    }
    while (pipes->from_child >= 0) {
        struct pollfd ends[2] = {
            {.fd = pipes->from_child, .events = POLLIN},
            {.fd = pipes->to_child, .events = POLLOUT},
        };
        if (poll(ends, 2, -1) < 0 && errno != EINTR) {
            return -1;
        }
        if (ends[1].revents != 0 && pipes->to_child >= 0) {
            write_some(pipes, &input, &size);
        }
        if (ends[0].revents != 0 && read_some(pipes, output) != 0) {
            return -1;
        }
    }
    return 0;
}

static int
explain(int error, const char *program, struct tn_problem *problem)
{
    if (error == ENOENT) {
        return tn_problem_set(problem, TN_ERROR_MISSING, NULL, 0,
                              "no `%s` on PATH", program);
    }
    return tn_problem_set(problem, TN_ERROR_IO, program, 0, "%s",
                          strerror(error));
}

int
os_run(const char *program, const char *const *arguments, const char *input,
       size_t input_size, struct tn_buffer *output, int *exit_code,
       struct tn_problem *problem)
{
    struct pipes pipes;
    pid_t process = -1;
    int status = TN_OK;
    int wait_status = 0;
    *exit_code = -1;
    void (*old_handler)(int) = signal(SIGPIPE, SIG_IGN);
    int error = open_pipes(&pipes) != 0
                    ? errno
                    : spawn(program, arguments, &pipes, &process);
    close_end(&pipes.child_input);
    close_end(&pipes.child_output);
    if (error != 0) {
        status = explain(error, program, problem);
        goto done;
    }
    if (exchange(&pipes, input, input_size, output) != 0) {
        status = output->error != TN_OK
                     ? output->error
                     : explain(errno, program, problem);
        kill(process, SIGTERM);
    }
    while (waitpid(process, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(wait_status)) {
        *exit_code = WEXITSTATUS(wait_status);
    }
done:
    close_end(&pipes.to_child);
    close_end(&pipes.from_child);
    signal(SIGPIPE, old_handler);
    return status;
}
