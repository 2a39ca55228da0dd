# bootstrap says what it waits for, and what is possible where it cannot go on.
# The commands that it calls are stubs.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Test::More;

my $tree = tempdir('prong-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $tree;
mkdir "$tree/$_" or die "$tree/$_: $!" for qw(bin prong prong/debian);
for (qw(bootstrap debian/control)) {
	copy("$ENV{PRONG_SRCDIR}/$_", "$tree/prong/$_") or die "$_: $!";
}

# A command that is called instead of the one of the system.
sub stub {
	my ($name, $text) = @_;
	open my $file, '>', "$tree/bin/$name" or die "$name: $!";
	print $file "#!/bin/sh\n$text\n";
	close $file or die "$name: $!";
	chmod 0755, "$tree/bin/$name";
	return;
}

sub bootstrap {
	my ($arguments, $before) = @_;
	my $output = qx{cd / && PATH='$tree/bin':"\$PATH" @{[$before // '']} \\
	    sh '$tree/prong/bootstrap' $arguments 2>&1 </dev/null};
	return ($? >> 8, $output);
}

# An apt-get that fails so often, with that message.
sub apt_get {
	my ($times, $message) = @_;
	unlink "$tree/calls";
	return stub('apt-get', "echo \"\$*\" >>'$tree/calls'\n"
	    . "[ \$(wc -l <'$tree/calls') -gt $times ] && exit\n"
	    . "echo '$message' >&2\nexit 100");
}

stub('dpkg-query', 'exit 1');
stub('apt-cache', 'exit 0');
stub('sudo', 'exec "$@"');
stub('sleep', 'exit 0');
my $lock = 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by '
    . 'process 42 (apt-get)';
apt_get(3, $lock);
my ($status, $output) = bootstrap('install');
is($status, 0, 'bootstrap goes on when another apt has ended');
my $said = () = $output =~ /^\Q$lock\E\nbootstrap: waiting until that is done$/mg;
is($said, 1, 'and says once what it waits for') or diag($output);
open my $calls, '<', "$tree/calls" or die "$tree/calls: $!";
my @names = sort grep { !/^-/ } split ' ', (<$calls>)[-1];
close $calls;
is_deeply([ grep { /^(?:gcc|libxxhash-dev|perl)$|[:()<>]|^debhelper/ } @names ],
    [ qw(gcc libxxhash-dev perl) ], 'it installs what debian/control names')
    or diag("@names");
apt_get(9, 'E: Unable to locate package check');
($status, $output) = bootstrap('install');
is($status, 1, 'another error is not waited for');
like($output, qr/^E: Unable to locate.*^bootstrap: apt-get could not install/ms,
    'and is shown');

chmod 0555, "$tree/prong";
my $become = $> ? '' : 'setpriv --reuid 65534 --regid 65534 --clear-groups';
SKIP: {
	skip 'there is no setpriv to become another user', 6
	    if system("$become true >/dev/null 2>&1") != 0;
	for ('', 'run', 'check') {
		($status, $output) = bootstrap($_, $become);
		is($status, 1, "bootstrap $_: a folder that is read-only");
		like($output, qr/^bootstrap: \Q$tree\E\/prong: \S+ cannot write .*cp -R/,
		    'and what to do');
	}
}
chmod 0755, "$tree/prong";

done_testing;
