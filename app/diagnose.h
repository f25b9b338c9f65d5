/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include <stddef.h>
#include <stdio.h>

/**
 * Look at EAL's part of the command line for sluice's own options and other words that
 * EAL would answer with its long usage.
 * @param argc  up to and without "--"
 * @return 0, or -EINVAL with a line on err
 */
int diagnose_words(int argc, char **argv, FILE *err);

/**
 * Explain why rte_eal_init() failed and what to do, after EAL's own lines.
 * @param error  rte_errno
 */
void diagnose_eal(int argc, char **argv, int error, FILE *err);

/** The value of --file-prefix, or "rte"; a part of argv or a constant. */
const char *diagnose_prefix(int argc, char **argv);

#endif /* DIAGNOSE_H */
