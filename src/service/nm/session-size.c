/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tunnel's MTU when a path swallows large packets and no ICMP says so: one question for each IKE SA and each path;
 * smaller ones until something arrives, and then NetworkManager and the limit of TCP's segments are told. A profile that
 * names an MTU is obeyed.
 */
#include "nm/session-private.h"

#include "nm/segments.h"

/* As far as the kernel knows. */
static guint
kernel_size (const Session *self)
{
  guint known = self->driver ? driver_get_path_mtu (self->driver) : 0;

  return known ? known : IPCONFIG_DEFAULT_PATH_MTU;
}

IpconfigOptions
session_ipconfig_options (const Session *self)
{
  IpconfigOptions options = setup_ipconfig_options (self->setup);

  options.tls = session_tls (self);
  options.path_mtu = path_size_get (&self->size, kernel_size (self));
  return options;
}

void
session_measure (Session *self)
{
  const IkeConfigured *configured = self->telling.configured;

  if (self->phase != PHASE_UP || !self->driver || !configured || self->activation->profile->tunnel.mtu)
    return;
  /* a gateway that cannot put the question together has to be asked in a new IKE SA, and nobody wants to type another code
   * for that */
  if (self->used == SECRET_OTP)
    return;
  self->size.asked = kernel_size (self);
  driver_probe (self->driver, self->size.asked);
}

/* What is known by now is told, unless it is what was told. */
static void
resize (Session *self)
{
  const IpconfigOptions options = session_ipconfig_options (self);
  guint before = self->telling.now.mtu;

  if (!telling_resize (&self->telling, &options))
    return;
  session_log (self, IKE_LOG_NOTICE, "The tunnel's MTU is now %u, not %u", self->telling.now.mtu, before);
  if (options.tundev && options.tundev[0] && !self->untold && !telling_is_empty (&self->telling))
    self->events->up (&self->telling.now, self->data);
  segments_limit (self->options.helper, self->activation, self->telling.now.mtu);
}

void
session_on_moved (const IkePath *path, gpointer data)
{
  Session *self = data;

  path_size_begin (&self->size, path);
  session_measure (self);
}

void
session_on_probed (guint octets, IkeProbe probe, gpointer data)
{
  Session *self = data;
  guint before = self->size.carried, next;

  if (self->phase != PHASE_UP || !self->driver || octets != self->size.asked)
    return;
  next = path_size_answer (&self->size, probe, kernel_size (self));
  if (next)
    {
      driver_probe (self->driver, next);
      return;
    }
  if (probe == IKE_PROBE_LOST)
    session_log (self, IKE_LOG_WARNING,
                 "Packets of %u octets do not arrive at %s, though nothing says so; set mtu in the profile to what its "
                 "network takes",
                 octets, self->host);
  else if (self->size.carried && self->size.carried != before)
    session_log (self, IKE_LOG_NOTICE, "Of packets to %s, those of %u octets arrive; larger ones do not, though nothing says so",
                 self->host, octets);
  resize (self);
}
