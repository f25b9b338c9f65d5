/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_RULE_H
#define SL_HELPER_RULE_H

#include "helper_state.h"

/** Learn from a configuration which ports nobody may open, and who has which helper. */
void sl_helper_rules(struct sl_helpers *hs, const struct sl_config *config);

/** May this flow's helper expect this at all? 0, -EINVAL or -EPERM. */
int sl_helper_rule(const struct sl_helper_flow *f, const struct sl_expect *e);

/** The number of the helper that is to read what this one expects, 0: none. */
uint8_t sl_helper_reader(const struct sl_helper_flow *f, const struct sl_expect *e);

#endif /* SL_HELPER_RULE_H */
