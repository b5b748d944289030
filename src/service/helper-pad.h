/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one-time pad, which the helper's child has (helper/pad.h): the calls. */
#pragma once

#include "helper-client.h"

#include "helper/channel-types.h"

/* Which file it is, before any socket is made; fails when it cannot be used. */
void helper_client_pad (HelperClient *client, const char *path, const char *user, HelperDoneFunc func, gpointer data);
/* @take_slice NULL: @error. It is zeroes on the disk by now. */
typedef void (*HelperSliceFunc) (IkeSecret *take_slice, guint64 offset, GError *error, gpointer data);
/* @offset: of CHANNEL_PAD_AT. */
void helper_client_take_slice (HelperClient *client, ChannelPadWhich which, guint64 offset, HelperSliceFunc func, gpointer data);
