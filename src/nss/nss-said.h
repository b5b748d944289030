/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the key store says with a name in it: its clients, who are in another process and know the user's language, take
 * such a sentence apart again by these (helper/said.h). Sentences without one are marked where they are said.
 */
#pragma once

#include <glib/gi18n.h>

#define NSS_SAID_NO_CERTIFICATE N_ ("The key store has no certificate “%s”.")
#define NSS_SAID_NEITHER N_ ("The key store has neither a certificate nor a private key “%s”.")
#define NSS_SAID_NO_STORE N_ ("There is no key store yet: “nm-ipsec import” and “nm-ipsec newhostkey” make one (%s).")
#define NSS_SAID_WANTS_PASSWORD N_ ("The key store wants its password, and it is neither given nor in %s/%s.")
#define NSS_SAID_NOTHING_IN_FILE N_ ("“%s” holds neither a certificate nor a private key.")
/* the second one: what is wrong with the file, in words that are marked themselves */
#define NSS_SAID_CANNOT_BE_USED N_ ("“%s” cannot be used: %s.")
/* the last one: NSS's own words, or the system's */
#define NSS_SAID_CANNOT_BE_OPENED N_ ("The key store %s cannot be opened: %s")
#define NSS_SAID_CANNOT_BE_MADE N_ ("%s cannot be made: %s")
#define NSS_SAID_CANNOT_BE_WRITTEN N_ ("%s cannot be written: %s")
