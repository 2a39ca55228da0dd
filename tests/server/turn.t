# A worker asks the kernel once whether a file is the same, for requests that had all
# begun to arrive when it was told of them; and again for one that follows another in
# the same octets.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Workers;

my $count = 8;
my $file = write_file('www/f.txt', 'old');
utime 784111777, 784111777, $file or die;
my $written = time;
wait_until { time > $written + 3 } 'the file is no longer new';

# One worker, so that it has all clients.
my $daemon = start(config('workers = 1; max_requests = 0; sites = ( { routes = ( '
    . '{ path = "/"; static = { root = "' . folder('www')
    . '"; }; } ); } );'), '-v');
my @clients = map { $daemon->connect } 1 .. $count;
my ($worker) = workers_of($daemon);
my $request = Prong::request('GET', '/f.txt');

# Lines of the log come late; the last one that counts is that of the mark.
my $mark = 0;
sub checks {
	$daemon->get('/mark' . ++$mark);
	$daemon->wait_log(qr/openat2\("\/mark$mark"\)/);
	my @lines = $daemon->log =~ /statx\("\/f\.txt"\): unchanged/g;
	return scalar @lines;
}

sub is_stopped {
	open my $stat, '<', "/proc/$worker/stat" or return 0;
	return <$stat> =~ /\) T /;
}

# What is sent while the worker stands; how often it has asked then, and how often all
# were served.
sub burst {
	my ($text, $each) = @_;
	$_->request('GET', '/f.txt') for @clients;
	my $before = checks();
	$_->request('GET', '/f.txt') for @clients;
	kill STOP => $worker;
	wait_until { is_stopped() } 'the worker stands';
	$_->send($text) for @clients;
	kill CONT => $worker;
	my @bodies = map { my $client = $_;
	    map { $client->answer->{body} } 1 .. $each } @clients;
	is(scalar(grep { $_ eq 'old' } @bodies), $count * $each,
	    'all are served');
	return checks() - $before - $count;
}

# A client that has been idle for 100 ms, as on a slow machine, asks for itself; so
# does the first request after a second, for which the file is read anew.
my $asked;
wait_until { ($asked = burst($request, 1)) <= 1 }
    'requests that have come together';
cmp_ok($asked, '<=', 1, "for $count requests the kernel is asked once");

my $least = $count;
for (1 .. 5) {
	$asked = burst($request x 2, 2);
	$least = $asked if $asked < $least;
}
cmp_ok($least, '>=', $count - 1,
    'for one that follows in the same octets it is asked again');

done_testing();
