/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about EAP that several ask of a profile. */
#pragma once

#include "profile/profile.h"

/* Is there a TLS server to be verified? */
gboolean profile_eap_uses_tls (const IpsecProfile *profile);
/* Is our certificate needed, for IKE or for EAP? */
gboolean profile_shows_certificate (const IpsecProfile *profile);
