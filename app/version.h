/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef VERSION_H
#define VERSION_H

/** The build says which; this is for compiling by hand. */
#ifndef SLUICE_VERSION
#define SLUICE_VERSION "0.1.0"
#endif

#endif /* VERSION_H */
