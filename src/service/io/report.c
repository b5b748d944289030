/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine's values to D-Bus's. A time that does not come, or has not been, is left out. */
#include "io/report.h"

#include "base/text.h"
#include "wire/payload-ts.h"

typedef struct {
  GVariantBuilder list;
  guint n;
} Report;

static void
add (GVariantBuilder *dict, const char *name, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", name, value);
}

/* "": not known. */
static void
add_text (GVariantBuilder *dict, const char *name, char *take_text)
{
  g_autofree char *text = take_text;

  add (dict, name, g_variant_new_string (text ? text : ""));
}

static void
add_flag (GVariantBuilder *dict, const char *name, gboolean flag)
{
  add (dict, name, g_variant_new_boolean (flag));
}

/* Seconds. */
static void
add_time (GVariantBuilder *dict, const char *name, IkeTime time)
{
  if (time != IKE_TIME_NEVER)
    add (dict, name, g_variant_new_int64 (time / IKE_SECOND));
}

static void
add_selectors (GVariantBuilder *dict, const char *name, const GArray *selectors)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; selectors && i < selectors->len; i++)
    {
      g_autofree char *text = ike_selector_to_string (&g_array_index (selectors, IkeSelector, i));

      g_variant_builder_add (&list, "s", text);
    }
  add (dict, name, g_variant_builder_end (&list));
}

static void
add_addresses (GVariantBuilder *dict, const GArray *addresses)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; addresses && i < addresses->len; i++)
    {
      g_autofree char *text = ike_address_to_string (&g_array_index (addresses, IkePrefix, i).address);

      g_variant_builder_add (&list, "s", text);
    }
  add (dict, "addresses", g_variant_builder_end (&list));
}

static GVariant *
child_report (const IkeChildReport *child)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_text (&dict, "state", g_strdup (child->state));
  add_text (&dict, "suite", g_strdup (child->suite));
  add_flag (&dict, "transport", child->transport_mode);
  add_flag (&dict, "encap", child->encap);
  add (&dict, "spi-in", g_variant_new_uint32 (child->spi_in));
  add (&dict, "spi-out", g_variant_new_uint32 (child->spi_out));
  if (child->cpu)
    add (&dict, "processor", g_variant_new_uint32 (child->cpu - 1));
  if (child->label.len)
    add_text (&dict, "label", ike_text_clean (child->label.data, child->label.len, FALSE));
  add_selectors (&dict, "local-ts", child->local_ts);
  add_selectors (&dict, "remote-ts", child->remote_ts);
  add_time (&dict, "age", child->age);
  add_time (&dict, "rekey", child->rekey_in);
  return g_variant_builder_end (&dict);
}

static void
on_sa (const IkeSaReport *sa, gpointer data)
{
  Report *report = data;
  GVariantBuilder dict, children;

  if (report->n++ >= REPORT_MAX)
    return;
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_text (&dict, "state", g_strdup (sa->state));
  add_text (&dict, "suite", g_strdup (sa->suite));
  add_flag (&dict, "initiator", sa->initiator);
  add_flag (&dict, "nat-here", sa->nat_here);
  add_flag (&dict, "nat-there", sa->nat_there);
  add_flag (&dict, "encap", sa->encap);
  add_flag (&dict, "mobike", sa->mobike);
  add_text (&dict, "spi-i", g_strdup_printf ("%016" G_GINT64_MODIFIER "x", sa->spi_i));
  add_text (&dict, "spi-r", g_strdup_printf ("%016" G_GINT64_MODIFIER "x", sa->spi_r));
  add_text (&dict, "local", ike_endpoint_to_string (&sa->path->local));
  add_text (&dict, "remote", ike_endpoint_to_string (&sa->path->remote));
  add_text (&dict, "local-id", sa->local_id ? ike_identity_to_string (sa->local_id) : NULL);
  add_text (&dict, "remote-id", sa->remote_id ? ike_identity_to_string (sa->remote_id) : NULL);
  add_addresses (&dict, sa->addresses);
  add_time (&dict, "age", sa->age);
  add_time (&dict, "silence", sa->silence);
  add_time (&dict, "rekey", sa->rekey_in);
  add_time (&dict, "reauth", sa->reauth_in);
  g_variant_builder_init (&children, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < sa->n_children; i++)
    g_variant_builder_add_value (&children, child_report (&sa->children[i]));
  add (&dict, "children", g_variant_builder_end (&children));
  g_variant_builder_add_value (&report->list, g_variant_builder_end (&dict));
}

GVariant *
report_sas (const IkeEngine *engine, IkeTime now)
{
  Report report = { .n = 0 };

  g_variant_builder_init (&report.list, G_VARIANT_TYPE ("aa{sv}"));
  ike_engine_report (engine, now, on_sa, &report);
  return g_variant_builder_end (&report.list);
}
