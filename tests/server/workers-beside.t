# Beside handlers that do harm in processes of their own, the clients of workers
# notice nothing: each request is answered, on kept connections and on new ones, by
# the same workers.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Load;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();
my $sanitized = Prong::is_sanitized();

# [ deed, argument, path, its own memory may be watched by a sanitizer ]
my @deeds = (
	[ 'null' ], [ 'heap' ], [ 'kill_itself', 9 ], [ 'exit_midway' ],
	[ 'close_all' ], [ 'block_and_crash' ],
	[ 'loop', undef, '/cpu' ], [ 'block_and_loop', undef, '/time' ],
	[ 'allocate_unchecked', undef, '/small', 1 ],
);

# Without scopes of Landlock nothing but its user keeps a handler from signals.
push @deeds, [ 'kill', '%generation 9' ], map { [ 'kill', "$_ 9" ],
    [ 'trace', $_ ], [ 'read_memory', $_ ] } qw(%worker1 %worker2)
    if $abi >= 6;
push @deeds, [ 'kill', '-1 9' ] if $abi >= 6;

my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile',
    settings => "workers = 2;\nmax_connections_per_client = 0;\n");
my @workers = $world->workers;
is(scalar @workers, 2, 'two workers serve');
@{$world->{words}}{qw(worker1 worker2)} = @workers;

my $content = write_file('content', $world->{known});
my @loads = map { Prong::Load->start(@$_, '-c', 4, '-s', 300, '-p', '/known',
    '-b', $content, $world->{daemon}->address) } [ '-k' ], [];

for my $deed (@deeds) {
	my ($name, $with, $at, $takes_memory) = @$deed;
	next if $takes_memory && $sanitized;
	my $sent = $world->send($name, with => $with, at => $at);
	my @noticed = $world->honest;
	$world->outcome($sent);
	push @noticed, $world->honest;
	my @now = $world->workers;
	push @noticed, "the workers are @now, were @workers"
	    unless "@now" eq "@workers";
	my $title = join ' ', $name, $with // (), $at ? "at $at" : ();
	ok(!@noticed, "beside $title nobody notices anything")
	    or diag join "\n", @noticed;
}

for my $load (@loads) {
	my $result = $load->stop;
	is($result->{errors}, 0, 'each request meanwhile was answered rightly')
	    or diag $result->{line};
	cmp_ok($result->{requests}, '>', @deeds, 'and there were many');
}
my @noticed = $world->noticed;
ok(!@noticed, 'all is as it was before') or diag join "\n", @noticed;
is($world->stop, 0, 'the daemon stops');
unlike($world->{daemon}->log, qr/worker \d+ \(process/,
    'and the log tells of no worker');

done_testing;
