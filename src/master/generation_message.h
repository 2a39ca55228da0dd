/*
 * The messages between the master and a generation (handover/protocol.h), on
 * the master's side.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_GENERATION_MESSAGE_H
#define PRONG_MASTER_GENERATION_MESSAGE_H

#include <stdbool.h>

#include "handover/protocol.h"

struct activation;
struct generation_process;
struct listeners;

/* Takes the next message, without waiting; its text points into the buffer.
 * False: there is none. If the generation has closed its end, this end is
 * closed, too. The kind is PROTOCOL_KINDS for a message that was refused. */
bool generation_message_receive(struct generation_process *g,
    struct protocol_message *message, char buffer[PROTOCOL_MESSAGE_BYTES]);

/* Send a message; or a message of a kind without content. Errors are only
 * logged: a generation may just have ended, and SIGCHLD tells that. False: it
 * was not sent, though the generation lives. */
bool generation_message_send(const struct generation_process *g,
    const struct protocol_message *message);
void generation_message_tell(const struct generation_process *g,
    enum protocol_kind kind);

/* Tells the generation to drain. listeners: those of its handover. It closes
 * those that are in kept at once, and the others when their backlogs are empty;
 * not before the handshakes there can have come to their end, unless passed owns
 * them. */
void generation_message_drain(const struct generation_process *g,
    const struct listeners *listeners, const struct listeners *kept,
    const struct activation *passed);

/* Tells the generation to stop; let_finish: as listeners_let_finish has said of its
 * listeners. */
void generation_message_stop(const struct generation_process *g,
    bool let_finish);

#endif
