# The paths of Unix sockets: the server removes its own, and never what another has
# put there since.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM SOCK_SEQPACKET SOCK_STREAM);
use Test::More;

use Prong;

write_file('www/a.txt', "a\n");
my $root = folder('www');
my $place = folder('place');
my $path = "$place/socket";

sub configure {
	my ($head) = @_;
	return config("access_log = \"off\"; $head\n"
	    . "sites = ( { routes = ( { path = \"/\"; static = "
	    . "{ root = \"$root\"; }; } ); } );");
}

sub clear {
	unlink glob "$place/*";
	return;
}

sub bind_there {
	my ($type) = @_;
	unlink $path;
	return IO::Socket::UNIX->new(Type => $type, Local => $path,
	    $type == SOCK_DGRAM ? () : (Listen => 1)) || die "$path: $!";
}

# What another does to the path meanwhile; whether his is there afterwards.
my $other;
my @cases = (
	[ 'a socket that another has bound there',
	    sub { $other = bind_there(SOCK_STREAM); },
	    sub { IO::Socket::UNIX->new(Peer => $path) } ],
	[ 'one that does not listen',
	    sub { $other = bind_there(SOCK_DGRAM); }, sub { -S $path } ],
	[ 'one whose server has gone',
	    sub { bind_there(SOCK_STREAM)->close; }, sub { -S $path } ],
	[ 'a file', sub { unlink $path; write_file('place/socket', "mine\n"); },
	    sub { read_file($path) eq "mine\n" } ],
	[ 'a link to a file', sub { unlink $path;
	    symlink write_file('place/file', "mine\n"), $path or die; },
	    sub { -l $path && read_file($path) eq "mine\n" } ],
	[ 'a link to the socket, which was moved',
	    sub { rename $path, "$place/moved" or die;
		symlink "$place/moved", $path or die; },
	    sub { -l $path && -S "$place/moved" } ],
	[ 'an empty folder', sub { unlink $path; mkdir $path or die; },
	    sub { my $is = -d $path; rmdir $path; $is } ],
	[ 'a socket in another folder of that name',
	    sub { rename $place, "$place.away" or die; mkdir $place or die;
		$other = bind_there(SOCK_STREAM); },
	    sub { my $is = -S $path; clear(); rmdir $place or die;
		rename "$place.away", $place or die; $is } ],
	[ 'nothing', sub { unlink $path; }, sub { !-e $path } ],
);

for my $case (@cases) {
	my ($what, $change, $check) = @$case;
	my $daemon = start(configure("listen = [ \"unix:$path\" ];"));
	$change->();
	is($daemon->stop, 0, "$what: the daemon stops");
	ok($check->(), 'and it stays');
	undef $other;
	clear();
}

# A reload that drops the listener, and one that opens another at the path.
for my $case (@cases) {
	my ($what, $change, $check) = @$case;
	my $config = configure("listen = [ \"127.0.0.1:0\", \"unix:$path\" ];");
	my $daemon = start($config);
	$change->();
	rename configure('listen = [ "127.0.0.1:0" ];'), $config or die;
	is($daemon->prong('reload')->{status}, 0, "$what: a reload without it");
	ok($check->(), 'and it stays');
	is($daemon->stop, 0, 'the daemon stops');
	undef $other;
	clear();
}

# The place is handed on by an upgrade.
for my $is_own (1, 0) {
	my $daemon = start(configure("listen = [ \"unix:$path\" ];"));
	$other = bind_there(SOCK_STREAM) unless $is_own;
	is($daemon->prong('upgrade')->{status}, 0, 'an upgrade');
	is($daemon->stop, 0, 'the daemon stops');
	ok($is_own ? !-e $path : -S $path, $is_own
	    ? 'after an upgrade it removes its own socket, too'
	    : 'and no other');
	undef $other;
	clear();
}

# The control socket.
for my $case (@cases) {
	my ($what, $change, $check) = @$case;
	my $daemon = start(configure(''), '--control', $path);
	$change->();
	is($daemon->stop, 0, "$what, at the control socket's path: the daemon "
	    . 'stops');
	ok($check->(), 'and it stays');
	undef $other;
	clear();
}

# Folders that are not there, as /run/prong without a service manager.
{
	my $daemon = start(configure("listen = [ \"unix:$place/new/er/http\" ]; "
	    . "status_listen = \"unix:$place/new/est/status\";"));
	ok(-S "$place/new/er/http" && -S "$place/new/est/status",
	    'the folder of a socket is made');
	is($daemon->stop, 0, 'the daemon stops');
	my $run = prongd('-c', configure("listen = [ \"unix:/proc/no/http\" ];"));
	is($run->{status}, 1, 'a folder that cannot be made is an error');
	like($run->{errors}, qr{cannot make the folder of unix:/proc/no/http: },
	    'which names the address');
}

# What may look stale.
for my $type (SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET) {
	$other = bind_there($type);
	my $run = prongd('-c', configure("listen = [ \"unix:$path\" ];"));
	is($run->{status}, 1, 'a socket of type ' . $type . ' is an error');
	ok(-S $path, 'and stays');
	undef $other;
	clear();
}

done_testing;
