/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for tunnels that lives in this process: it stands in for kernel/netlink.c, keeps a list of what it was told to
 * make, and fails wherever a test wants it to. And requests, as the service would make them.
 */
#pragma once

#include "helper/tunnel.h"

#define OWNER 1234

typedef struct {
  GPtrArray *sas; /* NEWSA as it came: nlmsghdr */
  GPtrArray *policies; /* UPDPOLICY as it came */
  GQueue answers;
  guint calls;
  guint fail_call; /* 1: the first */
  int fail_type, fail_error; /* ETIMEDOUT, ECANCELED: it does what it was told, and its answer is lost */
  gboolean no_larval; /* larval states have expired */
  gboolean no_ipcomp, no_iptfs;
  gboolean no_pcpu, no_labels; /* it passes over what it does not know */
  guint32 way; /* the link by which everything goes; 0: there is none */
  gboolean card, card_packets; /* it encrypts; and takes whole packets */
} TunnelKernel;
extern TunnelKernel tunnel_kernel;

const struct xfrm_usersa_info *tunnel_kernel_sa (guint i);
void tunnel_kernel_reset (void);
/* Gives all answers. */
void tunnel_pump (void);

typedef struct {
  guint n;
  TunnelResult last;
  char *text;
} TunnelTestResult;
void tunnel_on_result (const TunnelResult *result, gpointer data);
/* It was answered once, so. */
void tunnel_expect (TunnelTestResult *r, int error);

enum { ALL = CHANNEL_SA_IN | CHANNEL_SA_OUT | CHANNEL_SA_POLICIES, BOTH = CHANNEL_SA_IN | CHANNEL_SA_OUT };

Tunnel *tunnel_test_new (void);
guint32 tunnel_alloc (Tunnel *t);
ChannelMsg *tunnel_install_request (guint32 slot, guint parts, guint32 spi_in, guint32 spi_out);
void tunnel_try_install (Tunnel *t, guint32 slot, guint parts, guint32 spi_in, guint32 spi_out, int error);
void tunnel_try_delete (Tunnel *t, guint32 slot, guint parts, guint32 spi_in, guint32 spi_out);
int tunnel_try_update (Tunnel *t, guint32 slot, guint32 spi_in, guint32 spi_out);
void tunnel_try_clear (Tunnel *t);
