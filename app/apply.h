/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APPLY_H
#define APPLY_H

#include "box.h"

/**
 * Put a new configuration into force everywhere: check, workers, kernel.
 * @param config  taken over on success; on failure still the caller's
 * @param why     one sentence on failure
 * @return 0 or -errno; on failure the old configuration is in force everywhere
 */
int box_apply(struct box *box, struct sl_config *config, char *why, size_t size);

#endif /* APPLY_H */
