# A reload from one address to all addresses of the same port, and back: both
# sockets are there for a while, and no client notices.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::IP;
use POSIX ();
use Test::More;

use Prong;

my $changes = $ENV{PRONG_SOAK} ? 100 : 6;

sub listening_at {
	my (@addresses) = @_;
	my $list = join ', ', map { "\"$_\"" } @addresses;
	return <<"END";
plugin_dir = "$ENV{PRONG_PLUGINS}";
listen = [ $list ];
access_log = "off";
max_connections_per_client = 0;
sites = ( { routes = ( { path = "/"; echo = { }; } ); } );
END
}

# A connection for each request, until the file is there; the failures.
sub hammer {
	my ($address, $end) = @_;
	my $pid = open my $out, '-|';
	defined $pid or die "fork: $!";
	return $out if $pid;
	my ($done, @failed) = (0);
	until (-e $end) {
		eval {
			my $answer = Prong::Client->new($address)->request(
			    'GET', '/', [ 'Connection: close' ]);
			$answer->{status} == 200 or die $answer->{status};
			++$done;
		} or push @failed, $@;
	}
	print "$done requests, ", scalar @failed, " failed: @failed[0 .. ($#failed < 2
	    ? $#failed : 2)]\n";
	close STDOUT;
	POSIX::_exit(0);
}

sub changes {
	my ($one, $all, $title) = @_;
	my $config = config(listening_at($one));
	my $daemon = start($config);
	my ($port) = $daemon->address =~ /:(\d+)\z/;
	s/:0\z/:$port/ for $one, $all;
	my $end = folder() . "/end$port";
	my @clients = map { hammer($one, $end) } 1 .. 3;
	my $failed = 0;
	for my $change (1 .. $changes) {
		write_file($config, listening_at($change % 2 ? $all : $one));
		my $run = $daemon->prong('reload');
		$failed++ if $run->{status} != 0;
		diag $run->{errors} if $run->{status} != 0;
		my @where = $daemon->prong('status')->{output}
		    =~ /listening at +(\S+)/;
		$failed++ if "@where" ne ($change % 2 ? $all : $one);
	}
	is($failed, 0, "$title: $changes reloads");
	write_file($end);
	my @said = map { scalar readline $_ } @clients;
	like($_, qr/\A[1-9]\d* requests, 0 failed/, 'a client loses nothing')
	    for @said;
	is($daemon->stop, 0, 'the daemon ends well');
	return $port;
}

changes('127.0.0.1:0', '0.0.0.0:0', 'IPv4');
SKIP: {
	skip 'IPv6 is not there', 5 unless IO::Socket::IP->new(
	    LocalHost => '::1', LocalPort => 0, Listen => 1);
	changes('[::1]:0', '[::]:0', 'IPv6');
}

# What another process has stays an error, after which the kernel shares nothing.
{
	my $config = config(listening_at('127.0.0.1:0'));
	my $daemon = start($config);
	my $other = IO::Socket::IP->new(LocalHost => '127.0.0.2',
	    LocalPort => $daemon->port, Listen => 1)
	    or die "socket: $!";
	write_file($config, listening_at('0.0.0.0:' . $daemon->port));
	my $run = $daemon->prong('reload');
	is($run->{status}, 1, 'an address that another process has, too');
	like($run->{errors}, qr/in use: \S+ \(process \d+\) listens there/,
	    'which is told');
	ok(!IO::Socket::IP->new(LocalHost => '127.0.0.1',
	    LocalPort => $daemon->port, Listen => 1, ReusePort => 1),
	    'nobody else can listen beside it then');
	is($daemon->stop, 0, 'the daemon ends well');
}

done_testing;
