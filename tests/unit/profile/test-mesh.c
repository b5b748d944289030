/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles of meshes. */
#include "profile-test.h"
#include "profile/mesh.h"

#include <string.h>

#define PSK "psk=a pre-shared key that is long enough"
#define CONFLICT IPSEC_PROFILE_ERROR_CONFLICT
#define MISSING IPSEC_PROFILE_ERROR_MISSING_KEY

static guint
count_group (const IpsecProfile *p, IpsecGroup group)
{
  guint n = 0;

  for (guint i = 0; i < p->mesh->len; i++)
    n += g_array_index (p->mesh, IpsecMeshNet, i).group == group;
  return n;
}

#define MESH "role=mesh", "auth=null"

static void
test_mesh (void)
{
  static const char *const never[] = { "gateway=a",  "remote-ts=10.0.0.0/8", "remote-id=a", "interface=xfrm",
                                       "mode=iptfs", "sec-label=a:b",        "start=listen" };
  g_autoptr (GError) error = NULL;
  g_autoptr (IpsecProfile) p =
      profile_of (LIST (MESH, "private=10.0.0.0/8,2001:db8::/32", "clear=10.0.0.1/32", "block=10.0.0.0/24",
                        "private-or-clear=10.1.0.0/16,10.2.0.0/16,10.2.0.0/16"),
                  NULL, NULL, &error);
  g_autoptr (IpsecProfile) one = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (p->mesh->len, ==, 6); /* the same net twice in one group is one */
  g_assert_cmpuint (count_group (p, IPSEC_GROUP_PRIVATE), ==, 2);
  g_assert_cmpuint (count_group (p, IPSEC_GROUP_PRIVATE_OR_CLEAR), ==, 2);
  g_assert_cmpuint (count_group (p, IPSEC_GROUP_CLEAR), ==, 1);
  g_assert_cmpuint (count_group (p, IPSEC_GROUP_BLOCK), ==, 1);
  g_assert_cmpint (p->tunnel.interface, ==, IPSEC_INTERFACE_NONE);
  g_assert_cmpint (p->auth.remote, ==, IPSEC_AUTH_NULL);
  g_assert_cmpuint (p->tunnel.remote_ts->len + p->tunnel.local_ts->len, ==, 0);
  g_assert_cmpuint (p->idle_timeout, ==, 600);
  one = profile_of (LIST (MESH, "block=0.0.0.0/0", "mode=transport", "idle-timeout=5m", "start=ondemand"), NULL, NULL,
                    &error);
  g_assert_no_error (error);
  g_assert_true (one->tunnel.transport);
  assert_refused (LIST (MESH), NULL, MISSING, "private");
  assert_refused (LIST (MESH, "private=10.0.0.0/8", "clear=10.0.0.0/8"), NULL, CONFLICT, "clear|private|10.0.0.0/8");
  assert_refused (LIST (MESH, "private=2001:db8::/32", "block=10.0.0.0/8,2001:db8::/32"), NULL, CONFLICT,
                  "block|private");
  assert_refused (LIST (MESH, "clear=10.1.0.5-10.1.0.9"), NULL, CONFLICT, "clear|10.1.0.5-10.1.0.9");
  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    {
      g_autofree char *words = g_strdup_printf ("%.*s|mesh", (int) strcspn (never[i], "="), never[i]);

      assert_refused (LIST (MESH, "private=10.0.0.0/8", never[i]), NULL, CONFLICT, words);
    }
  assert_refused (LIST ("role=mesh", "auth=null", "remote-auth=cert", "ca=/a.pem", "private=10.0.0.0/8"), NULL,
                  CONFLICT, "auth|null");
  assert_refused (LIST ("gateway=a", "private=10.0.0.0/8"), LIST (PSK), CONFLICT, "private|client");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/mesh", test_mesh);
  return g_test_run ();
}
