/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns nothing. */
#include "io/tcp-clog.h"

#define REPEATED 2
/* before it is suspected: ms */
#define WAIT 375
/* for whoever does not answer at once, beside one round trip and a half: ms */
#define GRACE 50

guint
tcp_clog_patience (const struct tcp_info *info)
{
  return GRACE + info->tcpi_rtt / 1000 * 3 / 2;
}

TcpClog
tcp_clog (const struct tcp_info *info, guint waited)
{
  if (!info->tcpi_unacked || !info->tcpi_retransmits)
    return TCP_FLOWS;
  /* (whatever comes acknowledges something; what was sent last are the repetitions, since there is no window for more) */
  if (info->tcpi_retransmits >= REPEATED && info->tcpi_last_data_sent >= tcp_clog_patience (info) &&
      info->tcpi_last_ack_recv > info->tcpi_last_data_sent)
    return TCP_CLOGGED;
  return waited >= WAIT && info->tcpi_last_ack_recv >= waited ? TCP_MAY_BE_CLOGGED : TCP_FLOWS;
}
