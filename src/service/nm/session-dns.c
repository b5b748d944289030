/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of name servers that the gateway has for DNS over TLS (RFC 9464): NetworkManager is told of them if the
 * connection wants that and NetworkManager can; else the user is told, once, what it takes. Whether it can is asked for
 * while the tunnel is made. No tunnel waits for the answer: one that comes later changes what was told.
 */
#include "nm/session-private.h"

/* The first that applies connection.dns-over-tls to a VPN's own link. */
#define TLS_MAJOR 1
#define TLS_MINOR 56

gboolean
session_has_link (const Session *self)
{
  return *setup_tundev (self->setup) != '\0';
}

IpconfigTls
session_tls (const Session *self)
{
  return manager_version_is_at_least (self->options.manager, TLS_MAJOR, TLS_MINOR) ? self->activation->tls
                                                                                   : IPCONFIG_TLS_NO;
}

/* What keeps them from being used. */
static char *
obstacle (const Session *self)
{
  if (!session_has_link (self))
    return g_strdup ("which takes an interface of the tunnel's own");
  if (!manager_version_is_at_least (self->options.manager, TLS_MAJOR, TLS_MINOR))
    return g_strdup_printf (
        "which takes NetworkManager %u.%u or later%s", TLS_MAJOR, TLS_MINOR,
        manager_version_is_at_least (self->options.manager, 0, 1) ? "" : ", and this one did not say its version");
  return g_strdup ("which is not used; connection.dns-over-tls=yes (or opportunistic) would do it");
}

static void
say (const Session *self)
{
  const Ipconfig *told = &self->telling.now;
  g_autoptr (GString) servers = g_string_new (NULL);
  g_autofree char *why = NULL;

  for (guint i = 0; i < told->tls->len; i++)
    g_string_append_printf (servers, "%s%s", i ? ", " : "", (const char *) told->tls->pdata[i]);
  if (told->tls_used)
    {
      session_log (self, IKE_LOG_NOTICE, "Names are looked up by DNS over TLS at %s", servers->str);
      return;
    }
  why = obstacle (self);
  if (told->dns->len)
    session_log (self, IKE_LOG_NOTICE, "%s offers DNS over TLS at %s, %s", self->host, servers->str, why);
  else
    session_log (self, IKE_LOG_WARNING, "The tunnel has no name server: %s offers only DNS over TLS at %s, %s",
                 self->host, servers->str, why);
}

static void
on_manager (gpointer data)
{
  Session *self = data;
  const IpconfigOptions options = session_ipconfig_options (self);

  if (self->phase != PHASE_UP || !self->telling.configured)
    return;
  if (options.tls != IPCONFIG_TLS_NO && self->telling.now.tls->len && session_has_link (self) &&
      telling_change (&self->telling, self->telling.configured, &options) && !self->untold)
    self->events->up (&self->telling.now, self->data);
  session_say_servers (self);
}

void
session_want_tls (Session *self)
{
  if (self->activation->tls != IPCONFIG_TLS_NO)
    manager_version_ask (self->options.manager, on_manager, self);
}

void
session_say_servers (Session *self)
{
  if (self->servers_said || !self->telling.now.tls->len)
    return;
  if (session_has_link (self) && !manager_version_is_known (self->options.manager))
    {
      manager_version_ask (self->options.manager, on_manager, self);
      return;
    }
  self->servers_said = TRUE;
  say (self);
}
