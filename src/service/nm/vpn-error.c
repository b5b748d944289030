/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the names. */
#include "nm/vpn-error.h"

#include <gio/gio.h>

GQuark
vpn_error_quark (void)
{
  static const GDBusErrorEntry names[] = {
    { NM_VPN_PLUGIN_ERROR_FAILED, NM_DBUS_VPN_ERROR_PREFIX ".Failed" },
    { NM_VPN_PLUGIN_ERROR_STOPPING_IN_PROGRESS, NM_DBUS_VPN_ERROR_PREFIX ".StoppingInProgress" },
    { NM_VPN_PLUGIN_ERROR_ALREADY_STOPPED, NM_DBUS_VPN_ERROR_PREFIX ".AlreadyStopped" },
    { NM_VPN_PLUGIN_ERROR_WRONG_STATE, NM_DBUS_VPN_ERROR_PREFIX ".WrongState" },
    { NM_VPN_PLUGIN_ERROR_BAD_ARGUMENTS, NM_DBUS_VPN_ERROR_PREFIX ".BadArguments" },
  };
  static gsize quark;

  g_dbus_error_register_error_domain ("vpn-error", &quark, names, G_N_ELEMENTS (names));
  return (GQuark) quark;
}
