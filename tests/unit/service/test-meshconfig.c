/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From which of this machine's addresses a mesh is reached: over a double of the kernel's routes. */
#include "nm/meshconfig.h"

#include "../profile/profile-test.h"

static const struct {
  const char *net, *source; /* the first octets; what is sent there */
} ways[] = {
  { "10.1.", "10.1.0.5" }, { "10.1.", "10.1.0.6" }, /* by cable, and without one */
  { "10.2.", "10.1.0.5" }, /* by a router */
  { "2001:db8:1:", "2001:db8:1::5" },
};
static const char *ours; /* another address of this machine */

static gboolean
is_to (const IkeAddress *address, const char *net)
{
  g_autofree char *text = ike_address_to_string (address);

  return g_str_has_prefix (text, net);
}

guint
netwatch_uplinks (Netwatch *self, const IkeAddress *gateway, NetwatchUplink ret[NETWATCH_MAX_UPLINKS])
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (is_to (gateway, ways[i].net))
      {
        ret[n] = (NetwatchUplink){ .ifindex = i + 1 };
        g_assert_true (ike_address_from_string (ways[i].source, &ret[n++].source));
      }
  return n;
}

guint32
netwatch_link_of (Netwatch *self, const IkeAddress *address)
{
  g_autofree char *text = ike_address_to_string (address);

  return ours && strcmp (text, ours) == 0;
}

static void
test_own (void)
{
  static const struct {
    const char *nets, *ours, *own;
  } rows[] = {
    { "10.2.0.0/16", NULL, "10.1.0.5 " },
    { "10.1.0.0/16", NULL, "10.1.0.5 10.1.0.6 " },
    { "10.2.0.0/16, 10.1.0.0/16, 2001:db8:1::/48", NULL, "10.1.0.5 10.1.0.6 2001:db8:1::5 " },
    { "10.3.0.0/16", "10.3.0.1", "10.3.0.1 " }, /* the address that stands for a net is this machine's */
    { "10.1.0.0/16", "10.1.0.1", "10.1.0.1 10.1.0.5 10.1.0.6 " },
    { "192.0.2.0/24", NULL, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *private = g_strconcat ("private=", rows[i].nets, NULL);
      g_autoptr (IpsecProfile) profile = PROFILE ("role=mesh", "auth=null", private);
      IkeMesh *mesh;
      g_autoptr (GString) own = g_string_new (NULL);

      ours = rows[i].ours;
      mesh = meshconfig_new (profile, (Netwatch *) 1);
      for (guint n = 0; n < mesh->own->len; n++)
        {
          g_autofree char *text = ike_address_to_string (&g_array_index (mesh->own, IkeAddress, n));

          g_string_append_printf (own, "%s ", text);
        }
      g_assert_cmpstr (own->str, ==, rows[i].own);
      ike_mesh_free (mesh);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meshconfig/own", test_own);
  return g_test_run ();
}
