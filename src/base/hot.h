/*
 * Data that each connection writes. The first write to a page after a fork is a
 * page fault and a copy, so such data lies together on few pages.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_HOT_H
#define PRONG_BASE_HOT_H

/* For a definition of static duration. */
#define HOT __attribute__((section("prong_hot")))

#endif
