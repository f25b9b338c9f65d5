/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPERS_ALL_H
#define SL_HELPERS_ALL_H

#include "helper.h"

/* One for each file of this directory that is a helper; sl_helpers[] in helper.h lists them. */
extern const struct sl_helper_ops sl_helper_ftp;
extern const struct sl_helper_ops sl_helper_h323;
extern const struct sl_helper_ops sl_helper_irc;
extern const struct sl_helper_ops sl_helper_pptp;
extern const struct sl_helper_ops sl_helper_ras;
extern const struct sl_helper_ops sl_helper_sip;
extern const struct sl_helper_ops sl_helper_tftp;

#endif /* SL_HELPERS_ALL_H */
