/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_HELPERTOY_H
#define TEST_HELPERTOY_H

#include "helper.h"

/** Helpers that do everything a helper may do (helpertoy.c), NULL at the end. */
extern const struct sl_helper_ops *const toy_helpers[];

#define TOY 1 /* its number; servers on port 4000, TCP and UDP, on by default */
#define TOY_PROXY 2 /* speaks for others; servers on port 4001, UDP */

/** Flows that have ended, and datagrams for the box itself, by all toys so far. */
extern unsigned int toy_ended, toy_local;

/** Messages shown so far, also those shown again. */
extern unsigned int toy_shown;

#endif
