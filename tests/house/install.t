# "make install" puts each file where configure was told to, and what it installs
# names the paths of this installation.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Find qw(find);
use File::Temp qw(tempdir);
use Test::More;

my $build = $ENV{PRONG_BUILDDIR};
my $make = $ENV{MAKE} || 'make';
my $to = tempdir('prong-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Folders of which none is usual, so that no usual one can stand for them.
my %folders = (
	bindir              => '/p/bin',
	libdir              => '/p/lib',
	localstatedir       => '/p/state',
	logrotatedir        => '/p/rotation',
	mandir              => '/p/man',
	runstatedir         => '/p/run',
	sbindir             => '/p/sbin',
	sysconfdir          => '/p/etc',
	systemdsystemunitdir => '/p/units',
	sysusersdir         => '/p/users',
	tmpfilesdir         => '/p/tmpfiles',
);

# The jobs of a make above are not for this one.
sub run_make {
	my ($target, %names) = @_;
	delete local @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
	my $words = join ' ', map { "$_='$names{$_}'" } sort keys %names;
	my $output = qx{cd '$build' && $make --no-print-directory $target \\
	    DESTDIR='$to' $words 2>&1};
	is($?, 0, "make $target") or diag($output);
	return;
}

sub read_file {
	my ($path) = @_;
	open my $file, '<', "$to$path" or return "$path: $!";
	local $/;
	return scalar <$file>;
}

sub installed {
	my @paths;
	find({ no_chdir => 1, wanted => sub {
		push @paths, substr $_, length $to if -f;
	} }, $to);
	return @paths;
}

run_make('install', %folders);
for (
	[ '/p/units/prong.service', 'ExecStart=/p/sbin/prongd -c '
	    . '/p/etc/prong/prongd.conf' ],
	[ '/p/units/prong.service', 'ExecReload=/p/bin/prong reload' ],
	[ '/p/units/prong.service', 'ReadWritePaths=-/p/state/log/prong' ],
	[ '/p/units/prong.socket', 'ListenStream=0.0.0.0:80' ],
	[ '/p/users/prong.conf', 'u prong -' ],
	[ '/p/tmpfiles/prong.conf', 'd /p/state/log/prong :2750 :prong :adm' ],
	[ '/p/rotation/prong', '/p/state/log/prong/*.log {' ],
	[ '/p/rotation/prong', '/p/bin/prong reopen' ],
	[ '/p/etc/prong/prongd.conf', 'access_log = '
	    . '"/p/state/log/prong/access.log";' ],
	[ '/p/man/man1/prong.1', '.It Pa /p/run/prong/control' ],
	[ '/p/man/man8/prongd.8', '.It Pa /p/etc/prong/prongd.conf' ],
) {
	my ($path, $line) = @$_;
	like(read_file($path), qr/^\s*\Q$line\E/m, "$path says $line");
}
for my $path (grep { !m{/p/s?bin/|\.(?:so|la|a)$} } installed()) {
	unlike(read_file($path), qr{(?<![\w.])/(?:etc|run)/prong|
	    (?<![\w.])/var/(?:lib|log)/prong|/usr/s?bin/prong}x,
	    "$path has no path of another installation");
	is(sprintf('%o', (stat "$to$path")[2] & 07777), '644',
	    'and everybody can read it');
}
run_make('uninstall', %folders);
is_deeply([ installed() ], [], 'nothing is left');

# Without a folder for them, the files for other programs are not installed.
run_make('install', %folders, map { $_ => '' } qw(logrotatedir
    systemdsystemunitdir sysusersdir tmpfilesdir));
is_deeply([ grep { m{/p/(?:rotation|units|users|tmpfiles)|^/prong} }
    installed() ], [], 'nor is what has no folder');

done_testing;
