# A static prongd (configure --disable-shared) has its handlers in it, and runs where
# nothing else is: no library, no /etc, no /proc for one connection.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy ();
use POSIX ();
use Test::More;

use Prong;

# The program names the linker that maps its libraries.
sub has_libraries {
	my $program = read_file(Prong::program());
	my ($offset) = unpack 'x32 Q<', $program;
	my ($size, $count) = unpack 'x54 S< S<', $program;
	my $interpreter = 3;
	return grep { $interpreter == unpack 'L<',
	    substr $program, $offset + $size * $_, 4 } 0 .. $count - 1;
}

plan skip_all => 'this prongd has libraries: it is no build of '
    . '--disable-shared' if has_libraries();

my $root = folder('empty');
mkdir "$root/www" or die "www: $!";
write_file('empty/www/index.html', "from an empty folder\n");
File::Copy::copy(Prong::program(), "$root/prongd") or die "prongd: $!";
chmod 0755, $root, "$root/www", "$root/prongd";

sub routes {
	my ($routes) = @_;
	write_file('empty/prongd.conf', 'access_log = "off"; control = "off"; '
	    . "listen = [ \"127.0.0.1:0\" ]; sites = ( { routes = ( $routes ); "
	    . "} );\n");
}

# prongd, as the only file of its world, by an ordinary user.
sub run_there {
	my ($input, @arguments) = @_;
	my $enter = 'chroot shift or die "chroot: $!"; chdir "/"; '
	    . '$( = 65534; $) = "65534 65534"; ($<, $>) = (65534, 65534); '
	    . 'exec { "/prongd" } "prongd", @ARGV or die "prongd: $!";';
	return Prong::run($^X, '-e', $enter, $root, @arguments,
	    { input => $input });
}

sub errors_of {
	my (@arguments) = @_;
	return prongd(@arguments, '-c', "$root/prongd.conf",
	    { input => '' })->{errors};
}

SKIP: {
	skip 'only root can change the root of a process', 4
	    unless running_as_root;
	routes('{ path = "/"; static = { root = "/www"; }; },'
	    . '{ path = "/echo"; echo = { }; }');
	my $run = run_there("GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	    . "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	    '--once', '-c', '/prongd.conf');
	my @answers = responses($run->{output});
	is($run->{status}, 0, 'it serves a connection in an empty folder')
	    or diag($run->{errors});
	is($answers[0]{body}, "from an empty folder\n", 'a file is served');
	is($answers[1]{status}, 200, 'another handler is there, too');
	is($run->{errors}, '', 'nothing is missed');
}

routes("{ path = \"/\"; static = { root = \"$root/www\"; }; },"
    . '{ exact = "/status"; status = { }; },'
    . "{ exact = \"/flag\"; flag = { file = \"$root/www/index.html\"; }; }");
like(errors_of('-t'), qr/nothing is wrong/, 'prongd -t finds its handlers');
is(errors_of('-t', '-P', '/nowhere') =~ /nowhere/, '',
    'no folder of plugins is looked at');

routes('{ path = "/"; statc = { root = "/"; }; }');
my $others = quotemeta ' that is not in this prongd, which is static and loads no '
    . 'shared objects; possible here: echo, flag, static, status';
like(errors_of('-t'),
    qr/\A[^\n]*:1: statc: found a handler \(is "static" meant\?\)$others\n\z/,
    'the message for another handler has those that are there');

routes("{ path = \"/\"; static = { root = \"$root/www\"; }; },"
    . "{ path = \"/fresh\"; static = { root = \"$root/www\"; }; "
    . 'fresh = true; }');
my $daemon = start("$root/prongd.conf");
is($daemon->get('/')->{body}, "from an empty folder\n",
    'a server with generations serves');
is($daemon->get('/fresh/')->{body}, "from an empty folder\n",
    'a process executes itself for a fresh route');
is($daemon->stop, 0, 'it stops');

done_testing;
