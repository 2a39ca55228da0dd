# A Prometheus that reads the metrics of a server under load, through reloads, an
# upgrade and a crash: in the end they are what the clients have counted, and no
# counter has ever gone down.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP;
use POSIX ();
use Test::More;

use Prong;
use Prong::Act;

for my $name ('prometheus', 'promtool') {
	plan skip_all => "$name is not installed"
	    unless grep { -x "$_/$name" } split /:/, $ENV{PATH};
}
my $plugins = Prong::Act::plugin_folder('extreme');

# Sends requests until SIGTERM; writes how many were answered.
sub load {
	my ($daemon, $to) = @_;
	my $count = 0;
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
	}
	print $to "$count\n";
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
	my $count = readline $load->{from};
	waitpid $load->{pid}, 0;
	return $count;
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
		$series{$name} = [ map { $_->[1] }
		    sort { $a->[0] <=> $b->[0] } @{$series{$name}} ];
	}
	return \%series;
}

# The series with all these labels.
sub find {
	my ($series, @labels) = @_;
	my @found = grep {
		my $name = $_;
		!grep { index($name, $_) < 0 } @labels;
	} keys %$series;
	return @found == 1 ? $series->{$found[0]} : undef;
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
for my $step ('reload', 'crash', 'upgrade', 'reload') {
	if ($step eq 'crash') {
		is($daemon->get('/crash?do=null')->{status}, 500,
		    'a handler crashes');
	} else {
		$daemon->prong($step);
	}
	wait_for_scrapes($daemon, 2);
}
my $answered = 0;
$answered += stop_load($_) for @loads;
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
is(find($series, '__name__="prong_reloads_total"', 'result="ok"')->[-1], 4,
    'so are start, reloads and upgrade');
my @down;
for my $name (grep { /_(?:total|count|sum|bucket)"/ } keys %$series) {
	my $before = 0;
	for my $value (@{$series->{$name}}) {
		next if $value !~ /^[0-9.e+]+$/;
		push @down, "$name: $before, $value" if $value < $before;
		$before = $value;
	}
}
is_deeply(\@down, [], 'no counter has gone down');
is($daemon->stop, 0, 'the daemon ends well');

done_testing;
