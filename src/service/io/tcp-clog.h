/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a TCP connection get anything through? From what the kernel knows of it; pure. */
#pragma once

#include <glib.h>
#include <netinet/tcp.h>

typedef enum {
  TCP_FLOWS, /* as far as is known */
  TCP_MAY_BE_CLOGGED, /* it has repeated what was sent, and nothing has come for some time */
  /* It has repeated it twice, the second time long enough ago for an answer, and nothing has come since. TCP waits twice as
   * long before each next time: now at least 0.8 s (RFC 6298 section 5.5). */
  TCP_CLOGGED
} TcpClog;

/* @waited: since we have sent something that wants an answer, ms. */
TcpClog tcp_clog (const struct tcp_info *info, guint waited);
/* Whatever is answered has its answer within so many ms. */
guint tcp_clog_patience (const struct tcp_info *info);
