/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A helper that really runs, and the service's end of its channel: for tests that wait for each answer. */
#pragma once

#include "helper/channel-msg.h"

#include <sys/types.h>

typedef struct {
  int fd;
  pid_t pid, reaper; /* of the helper and of its reaper */
  guint32 serial;
  GPtrArray *events; /* ChannelMsg that came while waiting */
} Probe;

/* Starts @program; aborts when it does not run. */
Probe *probe_start (const char *program);
/* Closes the channel (the service "dies") and waits until helper and reaper are gone. */
void probe_stop (Probe *probe);
/* Is killed from outside already: only frees. */
void probe_free (Probe *probe);
/* Sends; waits for the answer to what was sent last, 10 s, else aborts; both. A channel is read by one thread of a process. */
void probe_ask (Probe *probe, ChannelMsg *request);
ChannelMsg *probe_answer (Probe *probe);
ChannelMsg *probe_call (Probe *probe, ChannelMsg *request);
/* FAILED, with this code and with @text in its words. */
void probe_expect_failed (ChannelMsg *take_answer, ChannelError code, const char *text);
/* DONE, or abort with what it said. */
void probe_do (Probe *probe, ChannelMsg *request);
/* The next event, or answer that nobody has waited for; NULL when none comes in time. */
ChannelMsg *probe_event (Probe *probe, guint milliseconds);
/* How many children of this name (NULL: any) the helper has; one of them. */
guint probe_children (const Probe *probe, const char *name, pid_t *ret_pid);
/* Waits until @pid does not exist any more. FALSE: not in time. */
gboolean probe_wait_gone (pid_t pid, guint milliseconds);

/* A network namespace of our own, with loopback. FALSE: we are not root. */
gboolean probe_isolate (void);
/* In it: a link with the addresses 198.51.100.1/24 and 2001:db8:51::1/64. FALSE: this kernel has no such links. */
gboolean probe_network (void);
/* Has a socket made: from now on the service may have been taken over. */
void probe_hear (Probe *probe);
/* How often @needle is in what @command ("ip xfrm policy", ...) prints. */
guint probe_count (const char *command, const char *needle);

#define PROBE_REQUEST(type_) { .type = (type_), .fd = -1 }

ChannelAddress probe_address (const char *text);
ChannelEndpoint probe_endpoint (const char *text, guint16 port);
/* A selector for a whole prefix, any protocol and port; "10.0.0.0/8". */
ChannelSelector probe_prefix (const char *text);
/* Policies only, which any kernel with XFRM takes: 3 of them. */
void probe_install_policies (Probe *probe, guint32 slot, const char *local, const char *remote);
