# A Prometheus that reads the metrics of a server under load, through reloads, an
# upgrade and a crash: in the end they are what the clients have counted, and no
# counter has ever gone down. With PRONG_SOAK=1 it takes three minutes, in which the
# rates are compared, too.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;

for my $name ('prometheus', 'promtool') {
	plan skip_all => "$name is not installed"
	    unless grep { -x "$_/$name" } split /:/, $ENV{PATH};
}
my $soak = $ENV{PRONG_SOAK};
my $plugins = Prong::Act::plugin_folder('extreme');

# Sends requests until SIGTERM; writes how many were answered, at what times.
sub load {
	my ($daemon, $to) = @_;
	my ($count, $next) = (0, time);
	my ($blocked, $pending) = (POSIX::SigSet->new(POSIX::SIGTERM()),
	    POSIX::SigSet->new);
	# A signal must not end a request: what is sent is counted.
	POSIX::sigprocmask(POSIX::SIG_BLOCK(), $blocked);
	until (POSIX::sigpending($pending)
	    && $pending->ismember(POSIX::SIGTERM())) {
		my $client = $daemon->connect;
		for (1 .. 20) {
			my $answer = eval { $client->request('GET', '/') }
			    or last;
			$count++ if $answer->{status} == 200;
			last if ($answer->field('Connection') // '') eq 'close';
		}
		$client->close;
		next if time < $next;
		printf {$to} "%.3f %d\n", time, $count;
		$next = time + 1;
	}
	printf {$to} "%.3f %d\n", time, $count;
	close $to;
	POSIX::_exit(0);
}

sub start_load {
	my ($daemon) = @_;
	pipe my $from, my $to or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	load($daemon, $to) unless $pid;
	close $to;
	return { pid => $pid, from => $from };
}

sub stop_load {
	my ($load) = @_;
	kill TERM => $load->{pid};
	my @counts = map { [ split ] } readline $load->{from};
	waitpid $load->{pid}, 0;
	return \@counts;
}

# What was answered until then, by pairs of time and count.
sub at {
	my ($time, @counts) = @_;
	my ($before) = grep { $_->[0] <= $time } reverse @counts;
	my ($after) = grep { $_->[0] > $time } @counts;
	return $before->[1] unless $after;
	return $before->[1] + ($after->[1] - $before->[1])
	    * ($time - $before->[0]) / ($after->[0] - $before->[0]);
}

sub start_prometheus {
	my ($daemon) = @_;
	my $where = $daemon->address;
	my $config = write_file('prometheus.yml', <<"END");
global:
  scrape_interval: 250ms
  scrape_timeout: 250ms
scrape_configs:
  - job_name: prong
    metrics_path: /metrics
    static_configs:
      - targets: [ "$where" ]
END
	my $data = folder('data');
	my $pid = fork // die "fork: $!";
	unless ($pid) {
		open STDOUT, '>', "$data.log" or die "$data.log: $!";
		open STDERR, '>&', \*STDOUT or die "dup: $!";
		exec 'prometheus', "--config.file=$config",
		    "--storage.tsdb.path=$data",
		    '--web.listen-address=127.0.0.1:0', '--log.level=error'
		    or POSIX::_exit(127);
	}
	return { pid => $pid, data => $data };
}

# The values of each series, in the order of their times.
sub stop_prometheus {
	my ($p) = @_;
	kill TERM => $p->{pid};
	waitpid $p->{pid}, 0;
	my %series;
	open my $dump, '-|', 'promtool', 'tsdb', 'dump', $p->{data}
	    or die "promtool: $!";
	while (<$dump>) {
		/^(\{.*\}) (\S+) (\d+)$/ or die "no sample: $_";
		push @{$series{$1}}, [ $3, $2 ];
	}
	close $dump or die "promtool: $? $!";
	for my $name (keys %series) {
		$series{$name} =
		    [ sort { $a->[0] <=> $b->[0] } @{$series{$name}} ];
	}
	return \%series;
}

# The values of the series with all these labels.
sub find {
	my ($series, @labels) = @_;
	my @found = grep {
		my $name = $_;
		!grep { index($name, $_) < 0 } @labels;
	} keys %$series;
	return @found == 1 ? [ map { $_->[1] } @{$series->{$found[0]}} ] : undef;
}

sub scrapes {
	my ($daemon) = @_;
	my $json = decode_json($daemon->get('/metrics/json')->{body});
	my ($status) = grep { $_->{name} eq 'status' } @{$json->{handlers}};
	return $status->{requests};
}

sub wait_for_scrapes {
	my ($daemon, $count) = @_;
	my $before = scrapes($daemon);
	my $asked = 0;
	wait_until { scrapes($daemon) - $before - $asked++ >= $count }
	    'Prometheus to ask';
	return;
}

my $daemon = start(config("plugin_dir = \"$plugins\"; crash_penalty = \"0 s\";"
    . ' max_crashes = 0; sites = ( { routes = ( { path = "/crash"; '
    . 'extreme = { }; }, { path = "/metrics"; status = { }; }, '
    . '{ path = "/"; echo = { }; } ); } );'));
my $prometheus = start_prometheus($daemon);
my @loads = map { start_load($daemon) } 1 .. 2;
wait_for_scrapes($daemon, 3);
my @steps = $soak ?
    (('reload') x 7, 'upgrade', ('reload') x 6, 'crash', 'upgrade',
    ('reload') x 7) : ('reload', 'crash', 'upgrade', 'reload');
for my $step (@steps) {
	if ($step eq 'crash') {
		is($daemon->get('/crash?do=null')->{status}, 500,
		    'a handler crashes');
	} else {
		$daemon->prong($step);
	}
	wait_for_scrapes($daemon, $soak ? 32 : 2);
}
my @counts = map { stop_load($_) } @loads;
my $answered = 0;
$answered += $_->[-1][1] for @counts;
cmp_ok($answered, '>', 100, 'clients have had answers');
# The counts of connections that have ended are added when their end is noticed.
wait_until {
	my $json = decode_json($daemon->get('/metrics/json')->{body});
	my ($echo) = grep { $_->{name} eq 'echo' } @{$json->{handlers}};
	return $echo->{requests} >= $answered;
} 'all to be counted';
wait_for_scrapes($daemon, 3);
my $series = stop_prometheus($prometheus);

my $good = find($series, '__name__="prong_handler_responses_total"',
    'handler="echo"', 'class="2xx"');
cmp_ok(scalar @{$good || []}, '>', 5, 'Prometheus has read them many times');
is($good->[-1], $answered, 'all requests are counted, and none twice');
is(find($series, '__name__="prong_handler_duration_seconds_count"',
    'handler="echo"')->[-1], $answered, 'each with its duration');
is(find($series, '__name__="prong_handler_crashes_total"',
    'handler="extreme"')->[-1], 1, 'so is the crash');
is(find($series, '__name__="prong_reloads_total"', 'result="ok"')->[-1],
    scalar @steps, 'so are start, reloads and upgrades');
if ($soak) {
	my ($name) = grep { /__name__="prong_handler_responses_total"/
	    && /handler="echo"/ && /class="2xx"/ } keys %$series;
	my ($first, $last) = @{$series->{$name}}[8, -8];
	my $read = $last->[1] - $first->[1];
	my $sent = 0;
	$sent += at($last->[0] / 1000, @$_) - at($first->[0] / 1000, @$_)
	    for @counts;
	cmp_ok($last->[0] - $first->[0], '>', 170_000, 'three minutes');
	cmp_ok(abs($read / $sent - 1), '<', 0.01,
	    sprintf 'the rate is that of the clients: %.4f', $read / $sent);
}
my @down;
for my $name (grep { /_(?:total|count|sum|bucket)"/ } keys %$series) {
	my $before = 0;
	for my $value (map { $_->[1] } @{$series->{$name}}) {
		next if $value !~ /^[0-9.e+]+$/;
		push @down, "$name: $before, $value" if $value < $before;
		$before = $value;
	}
}
is_deeply(\@down, [], 'no counter has gone down');
is($daemon->stop, 0, 'the daemon ends well');

done_testing;
