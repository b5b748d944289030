/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may: polkit is asked, asynchronously, before any method does anything. Root is let through, because polkit would
 * not say otherwise and may not be there; everybody else is refused unless polkit clearly says yes. A caller that goes
 * away before the answer is refused as well.
 */
#pragma once

#include <gio/gio.h>

typedef enum {
  BOUNCER_YES,
  BOUNCER_NO, /* polkit says so, or the password was wrong */
  BOUNCER_CHALLENGE, /* a password would be needed, and the call does not allow that one is asked for */
  BOUNCER_NO_AGENT, /* it does, and there is nothing that could ask */
  BOUNCER_NOBODY, /* there is no polkit, or it gave no sensible answer */
  BOUNCER_BUSY, /* too many of this user's questions wait for polkit already; root's do not */
  BOUNCER_VANISHED /* the caller */
} BouncerVerdict;

typedef void (*BouncerFunc) (BouncerVerdict verdict, gpointer data);

/* May @sender (a unique name) do @action? @interactive: polkit may ask for a password. @func is called once, never from
 * inside this call. */
void bouncer_ask (GDBusConnection *bus, const char *sender, const char *action, gboolean interactive, BouncerFunc func,
                  gpointer data);
