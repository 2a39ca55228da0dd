# status as metrics: what promtool and Python's client library make of them, and
# whether they say what clients have seen.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP;
use Test::More;

use Prong;

my $routes = "{ exact = \"/status\"; status = { }; },\n"
    . "{ path = \"/metrics\"; status = { }; },\n"
    . '{ path = "/"; echo = { }; }';

sub has_program {
	my ($name) = @_;
	return grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

# The output and the status of a program that reads the text.
sub run_on {
	my ($text, @command) = @_;
	my $file = folder('text') . '/metrics';
	open my $to, '>', $file or die "$file: $!";
	print $to $text;
	close $to or die "$file: $!";
	my $line = join ' ', map { "'$_'" } @command;
	my $output = qx{$line < '$file' 2>&1};
	return ($?, $output);
}

# Samples by their names with labels.
sub samples {
	my ($text) = @_;
	my %value;
	for (split /\n/, $text) {
		next if /^#/;
		/^(\S+(?:\{.*?\})?) ([0-9.e+-]+|NaN)(?: #.*)?$/
		    or die "no sample: $_";
		die "twice: $1" if exists $value{$1};
		$value{$1} = $2;
	}
	return \%value;
}

sub metrics {
	my ($from, @fields) = @_;
	return $from->request('GET', '/metrics/metrics',
	    [ @fields ])->{body};
}

my $daemon = start(config($routes));
my $client = $daemon->connect;
$client->request('GET', '/hello') for 1 .. 10;
$client->request('POST', '/hello') for 1 .. 3;
$daemon->get('/status?format=none') for 1 .. 2;
$daemon->request('BREW', '/');
my $text = Prong::wait_until(sub {
	my $now = metrics($daemon);
	return $now =~ /^prong_connections 2$/m ? $now : undef;
}, 'other connections to end');

subtest 'what clients have seen' => sub {
	my $s = samples($text);
	is($s->{'prong_handler_responses_total{handler="echo",class="2xx"}'},
	    13, 'requests of a handler');
	is($s->{'prong_handler_duration_seconds_count{handler="echo"}'}, 13,
	    'each has a duration');
	is($s->{'prong_handler_duration_seconds_bucket{handler="echo",'
	    . 'le="+Inf"}'}, 13, 'and a bucket');
	is($s->{'prong_handler_responses_total{handler="status",'
	    . 'class="4xx"}'}, 2, 'those of another one, by class');
	is($s->{'prong_handler_responses_total{handler="(none)",'
	    . 'class="5xx"}'}, 1, 'one that no handler has got');
	is($s->{'prong_method_requests_total{method="POST"}'}, 3,
	    'requests of a method');
	is($s->{'prong_method_requests_total{method="other"}'}, 1,
	    'a method that is not registered is another one');
	is($s->{'prong_error_responses_total{status="400"}'}, 2,
	    'errors by status');
	is($s->{'prong_error_responses_total{status="other_5xx"}'}, 1,
	    'others');
	like($text, qr/^prong_build_info\{version="\d+\.\d+[^"]*"\} 1$/m,
	    'the version');
	unlike($text, qr/[^\n\x20-\x7e]|BREW|hello/, 'nothing of a client');
	my @counts = $text =~ /^prong_handler_duration_seconds_bucket
	    \{handler="echo",.*\ (\d+)$/mxg;
	is("@counts", join(' ', sort { $a <=> $b } @counts),
	    'a bucket has what those before have');
	is(scalar @counts, 25, 'as many as the manual says');
};

SKIP: {
	skip 'promtool is not installed', 1 unless has_program('promtool');
	my ($status, $output) = run_on($text, 'promtool', 'check', 'metrics');
	is("$status $output", '0 ', 'promtool finds nothing wrong');
}

my $parser = <<'END';
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        print(family.name, family.type, sample.name, sample.value)
END
my ($python) = grep { -x && system("$_ -c 'import prometheus_client'"
    . ' >/dev/null 2>&1') == 0 } '/usr/bin/python3';
SKIP: {
	skip 'python3-prometheus-client is not installed', 3 unless $python;
	my $open = metrics($daemon, "Accept: application/openmetrics-text");
	like($open, qr/\n# EOF\n\z/, 'OpenMetrics has an end');
	my ($status, $output) = run_on($open, $python, '-c', $parser);
	is($status, 0, "prometheus_client reads it") or diag $output;
	like($output, qr/^prong_handler_duration_seconds\ histogram
	    \ prong_handler_duration_seconds_count\ 13(?:\.0)?$/mx,
	    'and finds a histogram');
}

# JSON says the same.
{
	my $json = decode_json($daemon->get('/status?format=json')->{body});
	my ($echo) = grep { $_->{name} eq 'echo' } @{$json->{handlers}};
	is($echo->{requests}, 13, 'JSON: requests of a handler');
	is($echo->{responses}{'2xx'}, 13, 'JSON: their responses');
	is($echo->{latency}{count}, 13, 'JSON: their durations');
	my $l = $echo->{latency};
	ok($l->{p50} <= $l->{p90} && $l->{p90} <= $l->{p99}
	    && $l->{p99} <= $l->{p999} && $l->{p999} <= $l->{max}
	    && $l->{max} <= $l->{sum} && $l->{p50} > 0,
	    'JSON: quantiles are in order');
	is($json->{methods}{POST}, 3, 'JSON: methods');
	is($json->{schema}, 1, 'JSON: the schema');
	cmp_ok(abs($json->{time} - time), '<', 300, 'JSON: the time');
	is($json->{discarded}, 0, 'JSON: nothing is discarded');
}

# The history has its first sample after some seconds, in which the client is idle.
{
	my $sum = sub {
		my $json = decode_json($daemon->get('/status?format=json')
		    ->{body});
		my $sum = 0;
		$sum += $_->{requests} for @{$json->{history}{samples}};
		return ($sum, $json->{requests}, $json);
	};
	my $json = wait_until {
		my ($sum, $all, $json) = $sum->();
		return $sum > 0 ? $json : undef;
	} 'a sample';
	my ($sample) = @{$json->{history}{samples}};
	cmp_ok($sample->{requests}, '<=', $json->{requests},
	    'a sample has no more requests than there were');
	is($sample->{connections} > 0, 1, 'it has the connections');
	cmp_ok(abs($sample->{time} - $json->{time}), '<', 300, 'and its time');
	cmp_ok($sample->{p50}, '<=', $sample->{p99}, 'quantiles are in order');
}

# The manual has all names.
{
	my $manual = do {
		local $/;
		my $path = "$ENV{PRONG_SRCDIR}/man/prong-status.5";
		open my $file, '<', $path or die "$path: $!";
		<$file>;
	};
	my @metrics = $text =~ /^# TYPE (\S+)/mg;
	is_deeply([ grep { $manual !~ /\b\Q$_\E\b/ } @metrics ], [],
	    'the manual names each metric');
	my %members;
	my @left = decode_json($client->request('GET', '/status?format=json')
	    ->{body});
	delete $left[0]{crashes};
	while (my $item = shift @left) {
		my @values = ref $item eq 'HASH' ? values %$item : @$item;
		$members{$_}++ for ref $item eq 'HASH' ? keys %$item : ();
		push @left, grep { ref && ref ne 'JSON::PP::Boolean' } @values;
	}
	is_deeply([ grep { $manual !~ /\b\Q$_\E\b/ } sort keys %members ], [],
	    'and each member of JSON');
}

# All that survives a reload and an upgrade.
for my $command ('reload', 'upgrade') {
	my $before = samples(metrics($daemon));
	$daemon->prong($command);
	my $after = samples(metrics($daemon));
	my @down = grep { /_total|_count|_sum|_bucket/
	    && ($after->{$_} // -1) < $before->{$_} } keys %$before;
	is("@down", '', "$command: no counter goes down");
	cmp_ok($after->{prong_generation}, '>', $before->{prong_generation},
	    "$command: another generation");
	is($after->{'prong_handler_responses_total{handler="echo",'
	    . 'class="2xx"}'}, 13, "$command: requests are counted");
}
$client->close;
{
	my $json = decode_json($daemon->get('/status?format=json')->{body});
	is($json->{reloads}{ok}, 3, 'JSON: start, reload and upgrade');
	is($json->{reloads}{failed}, 0, 'JSON: none has failed');
	is($json->{last_reload}{kind}, 'upgrade', 'JSON: the last one');
	is($json->{last_reload}{result}, 'ok', 'JSON: its result');
	my ($serving, @others) = grep { $_->{state} eq 'serving' }
	    @{$json->{generations}};
	is($serving->{pid}, $json->{pids}{generation},
	    'JSON: the generation that serves');
	is(scalar @others, 0, 'JSON: there is one');
	my ($me) = grep { $_->{handler} eq 'status' } @{$json->{table}};
	is($me->{route}, '/status', 'JSON: the route of a request');
	is($me->{kind}, $ENV{PRONG_WORKERS} ? 'worker' : 'own',
	    'JSON: the kind of the process');
	is(scalar @{$json->{processes}}, $ENV{PRONG_WORKERS} || 0,
	    'JSON: processes with many clients');
}
is($daemon->stop, 0, 'the daemon ends well');

# Who is refused, and why.
{
	my $small = start(config("max_connections_per_client = 1; sites = ( {"
	    . " routes = ( { path = \"/\"; status = { }; } ); } );"));
	my $first = $small->connect;
	$first->request('GET', '/');
	is($small->get('/')->{status}, 503, 'a second connection is refused');
	my $s = wait_until {
		my $now = samples($first->request('GET', '/metrics')->{body});
		return $now->{prong_connections_refused_total} ? $now : undef;
	} 'it to be counted';
	is($s->{'prong_refusals_total{reason="client"}'}, 1,
	    'it is counted by reason');
	is($s->{'prong_refusals_total{reason="full"}'}, 0, 'and by no other');
	is($s->{'prong_responses_total{class="5xx"}'}, 1, 'so is its response');
	$first->close;
	is($small->stop, 0, 'it ends');
}

# By route, if that is asked for. Names are those of the configuration.
{
	my $by_route = start(config("route_metrics = true; sites = ( { routes = ("
	    . " { path = \"/a\"; echo = { }; }, { path = \"/b\\\"\"; echo = { }; },"
	    . " { path = \"/\"; status = { }; } ); } );"));
	$by_route->get('/a/x') for 1 .. 3;
	$by_route->get('/b%22/y');
	my $wanted = wait_until {
		my $now = samples($by_route->get('/metrics')->{body});
		return ($now->{'prong_handler_responses_total{handler="echo",'
		    . 'class="2xx"}'} // 0) == 4 ? $now : undef;
	} 'all to be counted';
	is($wanted->{'prong_route_responses_total{handler="echo",route="/a",'
	    . 'class="2xx"}'}, 3, 'requests are counted by route');
	is($wanted->{'prong_route_duration_seconds_count{handler="echo",'
	    . 'route="/b\\""}'}, 1, 'a quotation mark ends no name');
	my $json = decode_json($by_route->get('/json')->{body});
	is_deeply([ sort map { "$_->{name} $_->{route} $_->{requests}" }
	    grep { $_->{name} eq 'echo' } @{$json->{routes}} ],
	    [ 'echo /a 3', 'echo /b" 1' ], 'JSON has them, too');
	is($by_route->stop, 0, 'it ends');
}

done_testing;
