/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with a unit. Pure. */
#include "profile/number.h"

#include <string.h>

typedef struct {
  char letter;
  guint64 factor;
} Unit;

/* Largest first. */
static const Unit time_units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 }, { 0 } };
static const Unit size_units[] = {
  { 'T', G_GUINT64_CONSTANT (1) << 40 }, { 'G', 1 << 30 }, { 'M', 1 << 20 }, { 'K', 1 << 10 }, { 0 },
};

static gboolean
parse_with_unit (const char *text, const Unit *units, guint64 *ret)
{
  gsize digits = strspn (text, "0123456789");
  g_autofree char *number = g_strndup (text, digits);
  guint64 factor = 1, value;

  if (text[digits] != '\0')
    {
      factor = 0;
      for (; units->letter != 0 && factor == 0; units++)
        factor = g_ascii_tolower (units->letter) == g_ascii_tolower (text[digits]) ? units->factor : 0;
      if (factor == 0 || text[digits + 1] != '\0')
        return FALSE;
    }
  return g_ascii_string_to_unsigned (number, 10, 0, G_MAXUINT64, &value, NULL) &&
         g_uint64_checked_mul (ret, value, factor);
}

static char *
number_to_string (guint64 number, const Unit *units)
{
  for (; number > 0 && units->letter != 0; units++)
    {
      if (number % units->factor == 0)
        return g_strdup_printf ("%" G_GUINT64_FORMAT "%c", number / units->factor, units->letter);
    }
  return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
}

gboolean
ipsec_time_parse (const char *text, guint64 *ret_seconds)
{
  return parse_with_unit (text, time_units, ret_seconds);
}

char *
ipsec_time_to_string (guint64 seconds)
{
  return number_to_string (seconds, time_units);
}

gboolean
ipsec_size_parse (const char *text, guint64 *ret_octets)
{
  return parse_with_unit (text, size_units, ret_octets);
}

char *
ipsec_size_to_string (guint64 octets)
{
  return number_to_string (octets, size_units);
}

gboolean
ipsec_mark_parse (const char *text, guint32 *ret_mark, guint32 *ret_mask)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  guint64 numbers[2] = { 0, G_MAXUINT32 };
  gboolean ok = parts[0] != NULL;

  for (guint i = 0; ok && parts[i] != NULL; i++)
    {
      gboolean hex = g_ascii_strncasecmp (parts[i], "0x", 2) == 0;

      ok = g_ascii_string_to_unsigned (hex ? parts[i] + 2 : parts[i], hex ? 16 : 10, 0, G_MAXUINT32, &numbers[i], NULL);
    }
  *ret_mark = (guint32) numbers[0];
  *ret_mask = (guint32) numbers[1];
  return ok;
}
