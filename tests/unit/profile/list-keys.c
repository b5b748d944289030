/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints "key NAME" and "secret NAME" for every row of the table: for test-man.py. */
#include "profile/profile-keys.h"

#include <stdio.h>

int
main (void)
{
  const IpsecKey *key;

  for (guint i = 0; (key = ipsec_key_at (i)) != NULL; i++)
    printf ("%s %s\n", key->secret ? "secret" : "key", key->name);
  return 0;
}
