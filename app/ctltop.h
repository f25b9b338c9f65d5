/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTLTOP_H
#define CTLTOP_H

#include <stdio.h>

/**
 * "sluicectl top": pictures of the box on the terminal, or one after the other as plain text.
 * @param fd    connected to a box
 * @param from  reads what fd receives, unused so far
 * @param flags "j" for JSON
 * @param argc, argv  argv[0] is "top", its options follow
 * @return 0, else a message was printed
 */
int ctltop_run(int fd, FILE *from, const char *flags, int argc, char **argv);

#endif /* CTLTOP_H */
