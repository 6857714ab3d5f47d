/* The subcommands of `tincture`, and what they share. */
#ifndef TN_COMMAND_H
#define TN_COMMAND_H

#include "problem.h"

/* Exit codes of the command. */
enum {
    EXIT_FINE = 0,
    EXIT_FAILED = 1, /* an input was refused, or a cell of --run failed */
    EXIT_USAGE = 2,
};

/* Each takes what stands after the subcommand and returns an exit code. */
int command_pack(int count, char **arguments);
int command_unpack(int count, char **arguments);
int command_info(int count, char **arguments);
int command_repack(int count, char **arguments);
int command_plugin(int count, char **arguments);

/* Writes FILE.zst beside each FILE: the build does it once, so that packing
 * need not compress the kernel again. */
int command_compress(int count, char **arguments);

/* Prints "tincture: PROBLEM" and returns EXIT_FAILED; `status` stands in for
 * a problem without text. */
int command_fail(int status, const struct tn_problem *problem);

/* Prints what is wrong with the command line, in printf's form, and returns
 * EXIT_USAGE. */
int command_usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The name without directories; borrowed from `path`. */
const char *command_base_name(const char *path);

#endif /* TN_COMMAND_H */
