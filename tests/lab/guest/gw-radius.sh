# SPDX-License-Identifier: GPL-2.0-or-later
# radius.sh - FreeRADIUS behind the gateway, at 127.0.0.1: alice/secret; TLS 1.2 and 1.3, TTLS, PEAP, MD5, GTC ("Your code"),
# MSCHAPv2.  radius_start [CERTIFICATE]; log: $LAB_OUT/radius.log.  Its certificate is aaa.crt, aaa.example.org by ca-other.
radius_conf() { # CERTIFICATE
	cat <<-C
	prefix = /usr
	localstatedir = /run
	libdir = /usr/lib/freeradius
	run_dir = /run
	logdir = /run
	log {
		destination = files
		file = /lab/out/radius.log
		auth = yes
	}
	max_requests = 1024
	modules {
		pap { }
		mschap {
			use_mppe = yes
		}
		files {
			filename = /etc/lab-radius/users
		}
		eap {
			default_eap_type = md5
			md5 { }
			gtc {
				challenge = "Your code"
				auth_type = PAP
			}
			mschapv2 { }
			tls-config lab {
				private_key_file = /etc/lab-radius/$1.key
				certificate_file = /etc/lab-radius/$1.crt
				ca_file = /etc/lab-radius/ca.crt
				tls_min_version = "1.2"
				tls_max_version = "${2:-1.2}"
				ecdh_curve = ""
				fragment_size = 1024
			}
			tls {
				tls = lab
			}
			ttls {
				tls = lab
				default_eap_type = md5
				virtual_server = inner
			}
			peap {
				tls = lab
				default_eap_type = mschapv2
				virtual_server = inner
			}
		}
	}
	client lab {
		ipaddr = 127.0.0.1
		secret = labradius
	}
	server default {
		listen {
			type = auth
			ipaddr = 127.0.0.1
			port = 1812
		}
		authorize {
			files
			eap {
				ok = return
			}
			pap
		}
		authenticate {
			Auth-Type PAP {
				pap
			}
			eap
		}
	}
	server inner {
		authorize {
			files
			mschap
			eap {
				ok = return
			}
			pap
		}
		authenticate {
			Auth-Type PAP {
				pap
			}
			Auth-Type MS-CHAP {
				mschap
			}
			eap
		}
	}
	C
}
radius_start() { # [CERTIFICATE [TLS VERSION]]
	local d=/lab/roots/radius/etc/lab-radius name=${1:-aaa}
	[ -d /lab/roots/radius ] || lab_root radius freeradius base
	mkdir -p $d
	cp "$LAB_PKI/$name.crt" "$LAB_PKI/$name.key" "$LAB_PKI/ca.crt" $d/
	echo '$INCLUDE /usr/share/freeradius/dictionary' >$d/dictionary
	echo 'alice Cleartext-Password := "secret"' >$d/users
	radius_conf "$name" "${2:-1.2}" >$d/radiusd.conf
	lab_in radius gateway /usr/sbin/freeradius -fs -d /etc/lab-radius >"$LAB_OUT/radius.out" 2>&1 &
	lab_wait 20 radius_listens || { cat "$LAB_OUT/radius.out" "$LAB_OUT/radius.log" >&2; return 1; }
}
radius_listens() { # at its own end: charon's connected sockets have the port, too, at the other
	nsenter --net=/run/netns/gateway grep -q '^ *[0-9]*: [0-9A-F]*:0714 ' /proc/net/udp
}
radius_stop() {
	local pid
	for pid in $(labtool pids freeradius); do kill "$pid"; done
	lab_wait 5 radius_is_gone
}
radius_is_gone() { [ -z "$(labtool pids freeradius | tr -d ' ')" ]; }
