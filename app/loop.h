/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

/** An epoll loop with timers: all that the control lcore waits for. One thread only. */
struct loop;

/** Called when fd is ready; events are EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. */
typedef void loop_fd_fn(void *arg, uint32_t events);

/** Called when a timer is due. */
typedef void loop_timer_fn(void *arg);

/** A loop, or NULL with errno. */
struct loop *loop_create(void);

/** Free it; descriptors stay open. NULL is fine. */
void loop_destroy(struct loop *loop);

/** Watch fd (one watch for each descriptor); 0 or -errno. */
int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn *fn, void *arg);

/** Change what is watched; 0 or -errno. */
int loop_mod(struct loop *loop, int fd, uint32_t events);

/**
 * Leave fd alone for so many milliseconds: what is ready there cannot be taken now, for want of
 * memory or descriptors, and would keep the loop awake. Takes no memory itself.
 */
void loop_rest(struct loop *loop, int fd, unsigned int ms);

/** Stop watching; safe from inside a callback, also for another descriptor. */
void loop_del(struct loop *loop, int fd);

/** Call fn every ms milliseconds (first after ms); an id for loop_timer_del(), or -errno. */
int loop_timer(struct loop *loop, unsigned int ms, loop_timer_fn *fn, void *arg);

/** End a timer; safe from inside a callback. */
void loop_timer_del(struct loop *loop, int id);

/** Wait at most ms (-1: for ever) and run what is due; 0 or -errno. */
int loop_turn(struct loop *loop, int ms);

#endif /* LOOP_H */
