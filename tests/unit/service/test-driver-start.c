/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it means that there are no sockets. */
#include "io/driver.h"

#include <gio/gio.h>

static void
assert_reason (const char *gateway, gboolean tcp, int code, IkeReasonCode expected, const char *detail)
{
  DriverStart start = { .remote.port = 500, .tcp_port = 4500 };
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, code, "why");
  g_auto (IkeReason) reason = { 0 };

  if (gateway)
    g_assert_true (ike_address_from_string (gateway, &start.remote.address));
  driver_start_failed (&start, error, tcp, &reason);
  g_assert_cmpstr (ike_reason_code_name (reason.code), ==, ike_reason_code_name (expected));
  g_assert_cmpstr (reason.detail, ==, detail);
}

/* Another address, or the same later, may go. */
static void
test_sockets (void)
{
  static const int codes[] = { G_IO_ERROR_PERMISSION_DENIED, G_IO_ERROR_ADDRESS_IN_USE, G_IO_ERROR_INVALID_ARGUMENT,
                               G_IO_ERROR_FAILED };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      assert_reason ("192.0.2.1", FALSE, codes[i], IKE_REASON_UNREACHABLE, "192.0.2.1:500: why");
      assert_reason ("192.0.2.1", TRUE, codes[i], IKE_REASON_TCP_CLOSED, "192.0.2.1:500, TCP port 4500: why");
      assert_reason (NULL, FALSE, codes[i], IKE_REASON_HELPER, "why"); /* a server's */
    }
  g_assert_false (ike_reason_is_final (IKE_REASON_UNREACHABLE));
  assert_reason ("192.0.2.1", FALSE, G_IO_ERROR_NETWORK_UNREACHABLE, IKE_REASON_NO_ROUTE, "why");
  assert_reason ("192.0.2.1", TRUE, G_IO_ERROR_HOST_UNREACHABLE, IKE_REASON_NO_ROUTE, "why");
}

static void
test_helper_gone (void)
{
  assert_reason ("192.0.2.1", FALSE, G_IO_ERROR_BROKEN_PIPE, IKE_REASON_HELPER, "why");
  g_assert_true (ike_reason_is_final (IKE_REASON_HELPER));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/driver-start/sockets", test_sockets);
  g_test_add_func ("/driver-start/helper-gone", test_helper_gone);
  return g_test_run ();
}
