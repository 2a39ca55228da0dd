/* SPDX-License-Identifier: ISC */
#ifndef SETUP_H
#define SETUP_H

struct prong_opening;

/* The open callback: opens the folders, reads the types, checks the fields. */
int setup(struct prong_opening *opening, void *config);

#endif
