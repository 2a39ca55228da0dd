# What a process inherits, and where it finds itself: closed descriptors, limits,
# signals, a machine without IPv6, a chroot without /proc, policies that refuse
# system calls, tools for authors of handlers. The server serves, or says in one
# sentence what it lacks.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Errno qw(EAFNOSUPPORT ENOSYS EPERM);
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Refuse;

write_file('www/a', "hello\n");
my $www = folder('www');
my $routes = "{ path = \"/\"; static = { root = \"$www\"; }; }";
my $prongd = $ENV{PRONGD};
my $wrappers = 0;

# A program that does these steps of a shell, and becomes prongd.
sub wrapper {
	my ($steps) = @_;
	my $path = write_file('wrapper' . ++$wrappers . '/prongd',
	    "#!/bin/bash\n$steps\nexec \${BEFORE} '$prongd' \"\$@\"\n");
	chmod 0755, $path;
	return $path;
}

sub serves {
	my ($title, $steps, $config) = @_;
	local $ENV{PRONGD} = wrapper($steps);
	my $log = folder() . "/log.$wrappers";
	my $daemon = eval { start($config // config("error_log = \"$log\";\n"
	    . "sites = ( { routes = ( $routes ); } );\n"), { log => $log }) };
	return ok(0, "$title: serves") || diag($@) unless $daemon;
	is($daemon->get('/a')->{body}, "hello\n", "$title: serves");
	is($daemon->stop, 0, "$title: ends");
	return $daemon->log;
}

# One line of the log, or two, the latter that there is no generation.
sub says {
	my ($title, $steps, $what, $config) = @_;
	local $ENV{PRONGD} = wrapper($steps);
	my $run = prongd('-c', $config // config($routes), '--control', 'off');
	is($run->{status}, 1, "$title: ends with status 1");
	my @lines = grep { !/generation 1 did not become ready|listening/ }
	    split /\n/, $run->{errors};
	is(scalar @lines, 1, "$title: one line in the log")
	    or diag $run->{errors};
	like($lines[0] // '', $what, "$title: says what is lacking");
	return;
}

subtest 'standard descriptors that are closed' => sub {
	serves("closed $_", "exec $_")
	    for '0<&-', '1>&-', '2>&-', '0<&- 1>&- 2>&-';
};

subtest 'descriptors that are inherited' => sub {
	my ($hard) = `bash -c 'ulimit -Hn'` =~ /(\d+)/;
	plan skip_all => 'the hard limit of open files is low'
	    if $hard && $hard < 5010;
	serves('many, and beyond 1023', 'ulimit -n 5010; '
	    . 'for i in $(seq 300 1200) 5000; do eval "exec $i</dev/null"; done');
};

subtest 'signals, umask, folder, variables' => sub {
	serves('all signals ignored',
	    "trap '' HUP INT TERM CHLD PIPE USR1 USR2 ALRM XFSZ");
	serves('umask 0777', 'umask 0777');
	serves('a folder that is gone',
	    'mkdir gone$$; cd gone$$; rmdir ../gone$$');
	serves('no variables', 'BEFORE="env -i"') unless Prong::is_sanitized();
};

subtest 'limits' => sub {
	says("$_ open files", "ulimit -n $_", qr/open files is $_;/)
	    for 8, 16;
	serves('64 open files', 'ulimit -n 64');
	says('no octets in files', 'ulimit -f 0',
	    qr/size of files is 0 octets.*ulimit -f/);
	serves('no core files', 'ulimit -c 0');
	serves('no pending signals', 'ulimit -i 0');
	serves('no locked memory', 'ulimit -l 0');
};

SKIP: {
	skip 'a sanitizer needs system calls for itself', 1
	    if Prong::is_sanitized();
	subtest 'policies' => sub {
		my $run = sub {
			local %ENV = (%ENV, Prong::Refuse::environment(@_));
			return serves("@_[2 .. $#_] refused", '');
		};
		like($run->('start', EPERM, 'seccomp'),
		    qr/warning: sandbox: seccomp is refused here .*SystemCallFilter=.*: handlers are kept from files, not from system calls$/m,
		    'what is then less protected is told');
		SKIP: {
			skip 'this kernel has no Landlock', 1
			    unless Prong::Hostile::landlock_abi();
			like($run->('start', EPERM, 'landlock_create_ruleset'),
			    qr/warning: sandbox: Landlock is refused here .*: handlers are kept from system calls, not from files$/m,
			    'for Landlock, too');
		}
		unlike($run->('start', EPERM, 'pidfd_open', 'close_range'),
		    qr/warning|error/, 'without these nothing is lost');
		local %ENV = (%ENV, Prong::Refuse::environment('start', EPERM,
		    'memfd_create'));
		says('memfd_create refused', '',
		    qr/needs the system call memfd_create, which fails: Operation not permitted; .*container.*SystemCallFilter=/);
	};

	# 10 is AF_INET6.
	subtest 'a machine without IPv6' => sub {
		my $no_ipv6 = sub { Prong::Refuse::environment('start',
		    EAFNOSUPPORT, 'socket:10') };
		local %ENV = (%ENV, $no_ipv6->());
		says('an address of it', '', qr/cannot make a socket for \[::\]:0: .*IPv6 may be switched off/,
		    config("listen = [ \"[::]:0\" ];\nsites = ( { routes = ( $routes ); } );"));
		# The default is port 80, which may be in use here.
		my $config = write_file('default/prongd.conf',
		    "plugin_dir = \"$ENV{PRONG_PLUGINS}\";\n"
		    . "sites = ( { routes = ( $routes ); } );\n");
		local %ENV = (%ENV, Prong::Refuse::environment('start', EPERM,
		    'bind'), PRONG_REFUSE => EAFNOSUPPORT . ' socket:10 bind');
		my $run = prongd('-c', $config, '--control', 'off');
		like($run->{errors}, qr/cannot bind 0\.0\.0\.0:80/,
		    'the default is IPv4 alone');
		unlike($run->{errors}, qr/socket for \[::\]/,
		    'and not IPv6');
		# The check tells all, where a start ends at the first.
		unlike(prongd('-t', '-c', $config)->{errors}, qr/\[::\]/,
		    'which the check does not try either');
		is(system('grep', '-q', '^listen',
		    "$ENV{PRONG_SRCDIR}/examples/prongd.conf") >> 8, 1,
		    'and the example has the default');
	};
}

# In namespaces of its own, if this user may.
sub can {
	my (@command) = @_;
	return system("@command true >/dev/null 2>&1") == 0;
}

subtest 'without /proc' => sub {
	plan skip_all => 'a sanitizer wants /proc, too'
	    if Prong::is_sanitized();
	plan skip_all => 'mounts need root'
	    unless running_as_root() && can('unshare', '-m');
	says('no /proc', "exec unshare -m bash -c 'umount -l /proc; "
	    . "exec \"\$0\" \"\$@\"' '$prongd' \"\$@\"",
	    qr{needs /proc, .*mount -t proc});
};

subtest 'root of a user namespace' => sub {
	plan skip_all => 'another user is needed' unless running_as_root();
	my $as = 'setpriv --reuid 12345 --regid 12345 --clear-groups';
	plan skip_all => 'user namespaces are not permitted'
	    unless can("$as unshare -r");
	my $own = folder('own');
	my $plugins = $ENV{PRONG_PLUGINS};
	system("cp '$plugins'/*.so '$own' && chown -R 12345:12345 '$own'") == 0
	    or die 'cp';
	chmod 0755, folder();
	my $config = config("plugin_dir = \"$own\";\nsites = ( { routes = ( "
	    . "$routes ); } );");
	local $ENV{PRONGD} = wrapper("exec $as unshare -r '$prongd' \"\$@\"");
	my $daemon = start($config, '--control', 'off');
	is($daemon->get('/a')->{body}, "hello\n",
	    'who has only one id serves as this user');
	$daemon->log_like(qr/only user of a user namespace/, 'and says so');
	$daemon->stop;
	says('root in truth', "exec unshare -r '$prongd' \"\$@\"",
	    qr/setgroups: Operation not permitted; in a user namespace/)
	    if can('unshare', '-r');
};

sub has {
	my ($tool) = @_;
	return system("$tool --version >/dev/null 2>&1") == 0;
}

# Files by links of each kind, beneath the root and outside.
subtest 'no openat2 for --once' => sub {
	plan skip_all => 'the sanitizers are here' if Prong::is_sanitized();
	my $root = folder('tree');
	write_file('tree/sub/b', 'beneath');
	write_file('other/c', 'outside');
	symlink 'sub/b', "$root/link";
	symlink 'sub', "$root/folder";
	symlink '../sub/./b', "$root/sub/up";
	symlink "$root/sub", "$root/absolute";
	symlink '/proc/self/cwd', "$root/magic";
	symlink '../other', "$root/outside";
	symlink 'loop', "$root/loop";
	for my $settings ('', 'symlinks = "never";',
	    'also = [ "' . folder('other') . '" ];') {
		my $config = config('{ path = "/"; static = { root = '
		    . "\"$root\"; listing = true; $settings }; }");
		for my $target (qw(/sub/b /sub /sub/ /sub/b/ /sub//b /none
		    /sub/none /link /folder /folder/ /folder/b /folder/up
		    /sub/up /absolute/b /magic/ /outside /outside/c /loop
		    /loop/b / //sub/b), '/' . 'x' x 256) {
			my $with = get($config, $target);
			local %ENV = (%ENV, Prong::Refuse::environment('start',
			    ENOSYS, 'openat2'));
			my $without = get($config, $target);
			is("$without->{status} $without->{body}",
			    "$with->{status} $with->{body}", "$settings "
			    . substr($target, 0, 20) . ": $with->{status}");
		}
	}
};

my $echo = config('{ path = "/"; echo = { }; }');

subtest 'valgrind' => sub {
	plan skip_all => 'valgrind is not here' unless has('valgrind');
	plan skip_all => 'the sanitizers are here' if Prong::is_sanitized();
	local $ENV{PRONGD} = wrapper("exec valgrind -q --error-exitcode=99 '$prongd' \"\$@\"");
	local $Prong::patience = 120;
	my $answer = eval { get($echo, '/') };
	is($answer && $answer->{status}, 200, 'a handler responds under it')
	    or diag $@, Prong::errors();
	unlike(Prong::errors(), qr/Invalid (?:read|write)|uninitialised/,
	    'without a fault');
	$answer = eval { get(config($routes), '/a') };
	is($answer && $answer->{body}, "hello\n", 'static does, too')
	    or diag $@, Prong::errors();
	unlike(Prong::errors(), qr/Invalid (?:read|write)|uninitialised/,
	    'without a fault');
};

subtest 'gdb' => sub {
	plan skip_all => 'gdb is not here' unless has('gdb');
	plan skip_all => 'the sanitizers are here' if Prong::is_sanitized();
	my $request = write_file('request', "GET / HTTP/1.0\r\n\r\n");
	my $steps = write_file('steps', <<"GDB");
set pagination off
set breakpoint pending on
set debuginfod enabled off
break handle
run --once -c $echo < $request
info sharedlibrary
bt
kill
GDB
	my $run = Prong::run('timeout', '-k', '2', '60', 'gdb', '-q', '-batch',
	    '-x', $steps, $prongd);
	plan skip_all => 'gdb may not trace here'
	    if "$run->{output}$run->{errors}" =~ /ptrace|Operation not permitted/;
	like($run->{output}, qr/Breakpoint 1(?:\.\d+)?, .*handle/,
	    'stops in a handler') or diag $run->{output}, $run->{errors};
	like($run->{output}, qr{\Q$ENV{PRONG_PLUGINS}\E/echo\.so},
	    'which has the name of its file');
};

done_testing;
