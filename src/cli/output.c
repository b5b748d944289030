/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from the helper, for people and for programs. */
#include "cli.h"

#include <stdio.h>

static void print_value (GVariant *value, GString *out);

/* RFC 8259 section 7. */
static void
print_string (const char *text, GString *out)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if ((guchar) *p < 0x20)
        g_string_append_printf (out, "\\u%04x", (guint) (guchar) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
print_list (GVariant *value, GString *out, gboolean is_dict)
{
  GVariantIter iter;
  GVariant *child;
  const char *separator = "";

  g_string_append_c (out, is_dict ? '{' : '[');
  g_variant_iter_init (&iter, value);
  while ((child = g_variant_iter_next_value (&iter)))
    {
      g_string_append (out, separator);
      if (is_dict)
        {
          g_autoptr (GVariant) name = g_variant_get_child_value (child, 0),
                               inside = g_variant_get_child_value (child, 1);

          print_string (g_variant_get_string (name, NULL), out);
          g_string_append (out, ": ");
          print_value (inside, out);
        }
      else
        print_value (child, out);
      g_variant_unref (child);
      separator = ", ";
    }
  g_string_append_c (out, is_dict ? '}' : ']');
}

static void
print_value (GVariant *value, GString *out)
{
  g_autoptr (GVariant) inside = NULL;
  g_autofree char *number = NULL;

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      g_string_append (out, g_variant_get_boolean (value) ? "true" : "false");
      return;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      print_string (g_variant_get_string (value, NULL), out);
      return;
    case G_VARIANT_CLASS_VARIANT:
      inside = g_variant_get_variant (value);
      print_value (inside, out);
      return;
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    case G_VARIANT_CLASS_MAYBE:
      print_list (value, out, g_variant_is_of_type (value, G_VARIANT_TYPE ("a{s*}")));
      return;
    case G_VARIANT_CLASS_BYTE:
    case G_VARIANT_CLASS_INT16:
    case G_VARIANT_CLASS_UINT16:
    case G_VARIANT_CLASS_INT32:
    case G_VARIANT_CLASS_UINT32:
    case G_VARIANT_CLASS_INT64:
    case G_VARIANT_CLASS_UINT64:
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_DOUBLE:
      break;
    }
  number = g_variant_print (value, FALSE);
  g_string_append (out, number);
}

void
cli_print_json (GVariant *value)
{
  g_autoptr (GString) out = g_string_new (NULL);

  print_value (value, out);
  /* UTF-8 in every locale: RFC 8259 section 8.1 */
  (void) fputs (g_string_append_c (out, '\n')->str, stdout);
}

const char *
cli_text (GVariant *dict, const char *name)
{
  const char *text = "";

  (void) g_variant_lookup (dict, name, "&s", &text);
  return text;
}

gboolean
cli_bool (GVariant *dict, const char *name)
{
  gboolean value = FALSE;

  (void) g_variant_lookup (dict, name, "b", &value);
  return value;
}

gint64
cli_number (GVariant *dict, const char *name)
{
  gint64 value = 0;

  (void) g_variant_lookup (dict, name, "x", &value);
  return value;
}
