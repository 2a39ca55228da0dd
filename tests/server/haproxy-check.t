# HAProxy's check by OPTIONS, which it makes unless its configuration names a
# method: a server that its flag or prong drain takes out of service is DOWN.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Balancer;

plan skip_all => 'there is no haproxy' unless Prong::Balancer::program();

my $flag = write_file('state/flag', "up\n");
my $socket = folder('run') . '/http';
my $daemon = start(config(<<"CONF"));
listen = [ "unix:$socket" ];
access_log = "off";
sites = ( { routes = (
  { exact = "/health"; flag = { file = "$flag"; rules = (
    { when = "up"; decline = true; }, { when = "drain"; status = 503; } ); };
    status = { }; } ); } );
CONF

sub set_flag {
	my ($says) = @_;
	write_file('state/new', "$says\n");
	rename folder('state') . '/new', $flag or die "rename: $!";
}

# As the manual of HAProxy shows it: the method is OPTIONS.
my $balancer = Prong::Balancer->start(a => $socket,
    check => 'option httpchk /health?ready');
pass('a server whose flag says "up" is UP');
set_flag('drain');
$balancer->wait_state('a', 'DOWN');
pass('a server whose flag says "drain" is DOWN');
set_flag('up');
$balancer->wait_state('a', 'UP');
unlink $flag or die "unlink: $!";
$balancer->wait_state('a', 'DOWN');
pass('a server whose flag is missing is DOWN');
set_flag('up');
$balancer->wait_state('a', 'UP');
$balancer->stop;

# The server as a whole.
$balancer = Prong::Balancer->start(a => $socket,
    check => "option httpchk OPTIONS *\n\thttp-check expect status 204");
pass('OPTIONS * is another way to ask');

my $pid = fork // die "fork: $!";
POSIX::_exit($daemon->prong('drain', '1 h')->{status}) unless $pid;
$balancer->wait_state('a', 'DOWN');
pass('by OPTIONS * a server is DOWN after prong drain');
$balancer->stop;
my $answer = $daemon->request('OPTIONS', '/health?ready');
is($answer->{status}, 503, 'and by OPTIONS /health?ready');
is($daemon->prong('drain', '0 s')->{status}, 0, 'the server ends');
waitpid $pid, 0;
is($daemon->wait, 0, 'as it should');
done_testing;
