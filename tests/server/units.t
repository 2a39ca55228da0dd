# The units for systemd: correct, no more exposed than they have been, and not
# in the way of what the server and its handlers do.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

my $source = $ENV{PRONG_SRCDIR};

plan skip_all => 'there is no systemd-analyze'
    if system('systemd-analyze --version >/dev/null 2>&1');

# Its output, both kinds, and whether it was content.
sub analyze {
	my (@arguments) = @_;
	my $pid = open my $pipe, '-|';
	defined $pid or die "fork: $!";
	unless ($pid) {
		open STDERR, '>&', \*STDOUT;
		{ exec 'systemd-analyze', '--no-pager', @arguments; }
		POSIX::_exit(127);
	}
	my $text = do { local $/; <$pipe> };
	close $pipe;
	return ($text // '', $? == 0);
}

# The units with programs that are there, and a drop-in if one is named.
sub units {
	my ($drop_in) = @_;
	my $to = 'units-' . ($drop_in || 'plain');
	my $service = Prong::read_file("$source/service/prong.service");
	$service =~ s{/usr/sbin/prongd}{$ENV{PRONGD}};
	$service =~ s{/usr/bin/prong }{/bin/true };
	write_file("$to/prong.service", $service);
	write_file("$to/prong.socket",
	    Prong::read_file("$source/service/prong.socket"));
	write_file("$to/prong.service.d/$drop_in.conf",
	    Prong::read_file("$source/examples/systemd/$drop_in.conf"))
	    if $drop_in;
	return folder($to);
}

sub exposure {
	my ($folder) = @_;
	my ($text) = analyze('security', '--offline=yes',
	    "$folder/prong.service");
	my ($level) = $text =~ /Overall exposure level for \S+: ([\d.]+)/;
	return defined $level ? $level : die "no level: $text";
}

# From 0 to 10. 1.9 is what a server gets: networks, a port below 1024, the
# calls that limit its own processes, openat2(2), and logs for a group to read.
for ([ undef, 1.9 ], [ 'socket', 1.7 ], [ 'root', 2.7 ]) {
	my ($drop_in, $most) = @$_;
	my $what = $drop_in ? "with $drop_in.conf" : 'as packaged';
	my $folder = units($drop_in);
	my ($text, $ok) = analyze('verify', '--man=no',
	    "$folder/prong.service", "$folder/prong.socket");
	ok($ok, "the units are correct, $what") or diag $text;
	# Of what else is installed it complains, too.
	unlike($text, qr/prong/, 'and nothing is to be said of them');
	cmp_ok(exposure($folder), '<=', $most, "exposure $what");
}

# The calls that the filter of a unit leaves: a hash.
my (%sets, $set);
for (split /\n/, (analyze('syscall-filter'))[0]) {
	if (/^(\S+)/) {
		$set = $1;
	} elsif (/^\s+(\@?\w[\w-]*)\s*$/) {
		push @{$sets{$set}}, $1;
	}
}

sub expand {
	my ($name) = @_;
	return $name unless $name =~ /^@/;
	return map { expand($_) } @{$sets{$name} || die "no set $name"};
}

sub allowed {
	my ($unit) = @_;
	my %allowed;
	for ($unit =~ /^SystemCallFilter=(.*)$/mg) {
		my ($not, @names) = (/^~/ ? 1 : 0, split ' ', s/^~//r);
		for my $call (map { expand($_) } @names) {
			$allowed{$call} = 1;
			delete $allowed{$call} if $not;
		}
	}
	# Its flags are behind a pointer: systemd takes it away as a whole.
	delete $allowed{openat2} if $unit =~ /^RestrictSUIDSGID=yes/m;
	return \%allowed;
}

my $unit = Prong::read_file("$source/service/prong.service");
my $allowed = allowed($unit);

# The server's own filter is the narrower one.
for my $list (qw(base network processes)) {
	my ($names) = Prong::read_file("$source/src/sandbox/syscalls.c")
	    =~ /\b$list\[\] = \{(.*?)\};/s;
	$names =~ s{/\*.*?\*/}{}gs;
	my @missing = grep { !$allowed->{$_} } $names =~ /"(\w+)"/g;
	cmp_ok(scalar(() = $names =~ /"\w+"/g), '>', 1, "calls are $list");
	is_deeply(\@missing, [], 'and the unit allows them');
}

# Serving under it, as the unit's user would.
SKIP: {
	skip 'the sanitizers need other system calls', 1
	    if Prong::is_sanitized();
	skip 'there is no setpriv to become another user', 1
	    if running_as_root
	    && system('setpriv --version >/dev/null 2>&1') != 0;
	subtest 'under the unit\'s filter' => sub {
		my $plugins = Prong::Act::plugin_folder('hostile',
		    'hostile_free');
		my $www = folder('www');
		write_file('www/index.html', "hello\n");
		my $config = config(<<"CONF");
plugin_dir = "$plugins";
access_log = "off";
crash_penalty = "0 s";
sites = ( { routes = (
  { path = "/"; static = { root = "$www"; }; },
  { path = "/hostile"; hostile = { own = "$www"; }; },
  { path = "/free"; hostile_free = { own = "$www"; }; } ); } );
CONF
		my $calls = write_file('calls', join "\n", sort keys %$allowed);
		my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
		my $become = running_as_root ? "setpriv --reuid $uid --regid "
		    . "$gid --clear-groups --inh-caps +net_bind_service "
		    . '--ambient-caps +net_bind_service' : '';
		my $program = write_file('confined', "#!/bin/sh\nexec $become "
		    . "'$ENV{PRONG_BUILDDIR}/tests/server/confine' '$calls' "
		    . "'$ENV{PRONGD}' \"\$@\"\n");
		chmod 0755, $program;
		local $ENV{PRONGD} = $program;
		my $daemon = start($config);
		is($daemon->get('/')->{body}, "hello\n", 'a client is served');
		is($daemon->get('/hostile?do=null')->{status}, 500,
		    'a crash has its last words');
		is($daemon->get('/hostile?do=chown&with=/')->{status}, 500,
		    'a call that the server forbids has, too');
		$daemon->wait_log(qr/the system call (l|f)?chown\w* is permitted/);
		pass('and is named');
		is($daemon->stop, 0, 'the daemon stops');
	};
}

done_testing;
