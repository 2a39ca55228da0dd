/* SPDX-License-Identifier: ISC */
#include "base/job.h"

#include "base/hot.h"

HOT struct job *job_at_hand;
