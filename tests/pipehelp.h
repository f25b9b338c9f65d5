/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PIPEHELP_H
#define TEST_PIPEHELP_H

#include "pipe.h"
#include "pkttoken.h"

/** Give the bench control's side of helpers as soon as a configuration wants one. */
void pipe_help_configure(struct pipe *p, const struct sl_config *c, struct rte_mempool *pool);

/** Free it. */
void pipe_help_end(struct pipe *p);

/** A punted packet; true when it was a helper's. */
bool pipe_help_punt(struct pipe *p, const struct sl_punt *punt);

/** An event, after the punts; true when it was a helper's. */
bool pipe_help_event(struct pipe *p, const struct sl_event *event);

/** Answers to helpers, and what is due. */
void pipe_help_poll(struct pipe *p);

/** The statement "helper" of conf.c; false when it is wrong. */
bool conf_helper(struct sl_config *c, const struct pt_tokens *t);

#endif
