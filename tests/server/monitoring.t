# The examples for monitoring: Prometheus takes the configuration and the rules,
# each rule can fire, and whatever they and the dashboard name is there to be
# scraped.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use Test::More;

use Prong;

my $examples = "$ENV{PRONG_SRCDIR}/examples/monitoring";
my $rules = read_file("$examples/prong-alerts.yml");
my $dashboard = JSON::PP::decode_json(
    read_file("$examples/prong-dashboard.json"));
my @panels = @{$dashboard->{panels}};
my @queries = map { map { $_->{expr} } @{$_->{targets}} } @panels;
push @queries, map { $_->{expr} } @{$dashboard->{annotations}{list}};
my @variables = map { $_->{definition} // () }
    @{$dashboard->{templating}{list}};

# What a server lets Prometheus have.
{
	my $daemon = start(config('sites = ( { routes = ( '
	    . '{ path = "/status"; status = { }; }, '
	    . '{ path = "/"; echo = { }; } ); } );'));
	$daemon->get('/a');
	my ($path) = read_file("$examples/prometheus.yml") =~
	    /^\s*metrics_path: (\S+)$/m;
	my $text = $daemon->get($path)->{body};
	my %has = map { /^(\w+)/ ? ($1 => 1) : () } split /\n/, $text;
	for my $source ([ 'rules', $rules =~ s/^\s*#.*$//mgr ],
	    [ 'dashboard', join "\n", @queries, @variables ]) {
		my ($name, $all) = @$source;
		my %wants = map { $_ => 1 } $all =~ /\b(prong_\w+)/g;
		cmp_ok(scalar keys %wants, '>=', 10, "the $name name figures");
		is_deeply([ grep { !$has{$_} } sort keys %wants ], [],
		    'and each is one of a server');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

# The dashboard: Grafana finds panels by their ids, and moves those that overlap.
{
	my (%ids, %taken, @overlaps);
	$ids{$_->{id}}++ for @panels;
	is_deeply([ grep { $ids{$_} > 1 } keys %ids ], [],
	    'each panel has an id of its own');
	for my $panel (@panels) {
		my ($x, $y, $w, $h) = @{$panel->{gridPos}}{qw(x y w h)};
		push @overlaps, $panel->{title} if $x + $w > 24;
		for my $row ($y .. $y + $h - 1) {
			push @overlaps, $panel->{title}
			    if grep { $taken{"$row $_"}++ } $x .. $x + $w - 1;
		}
	}
	is_deeply(\@overlaps, [], 'and a place of its own');
	is_deeply([ grep { !defined $_->{fieldConfig}{defaults}{unit} } @panels ],
	    [], 'and a unit');
}

sub promtool {
	my (@arguments) = @_;
	my $output = qx{promtool @arguments 2>&1};
	return ($?, $output);
}

SKIP: {
	skip 'there is no promtool', 1
	    unless grep { -x "$_/promtool" } split /:/, $ENV{PATH};
	my ($status, $output) = promtool('check', 'rules',
	    "$examples/prong-alerts.yml");
	is($status, 0, 'promtool takes the rules') or diag($output);
	($status, $output) = promtool('check', 'config',
	    "$examples/prometheus.yml");
	is($status, 0, 'and the configuration') or diag($output);

	# As rules, with a value for each variable.
	my $text = "groups:\n- name: panels\n  rules:\n";
	for my $i (0 .. $#queries) {
		my $query = $queries[$i] =~ s/\$__(?:rate_interval|range)/5m/gr
		    =~ s/\$\w+/x/gr;
		$text .= "  - record: q$i\n    expr: '$query'\n";
	}
	($status, $output) = promtool('check', 'rules',
	    write_file('panels.yml', $text));
	is($status, 0, 'and the queries of the dashboard') or diag($output);

	# Figures by which each rule fires, after so many minutes; those that do not
	# count up go on as they are.
	my %fires = (
		ProngDown => [ 'up{job="prong"}', '0+0x60' ],
		ProngNotReady => [ 'prong_ready', '0+0x60' ],
		ProngNearCeiling => [ 'prong_connections', '95+0x60',
		    'prong_connections_limit', '100+0x60' ],
		ProngRefuses => [ 'prong_refusals_total{reason="full"}',
		    '0+10x60' ],
		ProngErrors => [ 'prong_responses_total{class="5xx"}', '0+2x60',
		    'prong_responses_total{class="2xx"}', '0+98x60' ],
		ProngSlow => [
		    'prong_handler_duration_seconds_bucket{handler="a",le="2"}',
		    '0+0x60',
		    'prong_handler_duration_seconds_bucket{handler="a",le="4"}',
		    '0+9x60',
		    'prong_handler_duration_seconds_bucket{handler="a",le="+Inf"}',
		    '0+9x60' ],
		ProngCrashes => [ 'prong_handler_crashes_total{handler="a"}',
		    '0+1x60' ],
		ProngLimits => [ 'prong_handler_limits_total{handler="a"}',
		    '0+1x60' ],
		ProngSandboxRefusals => [
		    'prong_handler_sandbox_refusals_total{handler="a"}',
		    '0+1x60' ],
		ProngDropsLogLines => [ 'prong_access_log_dropped_lines_total',
		    '0+1x60' ],
		ProngCountsNotBelieved => [ 'prong_discarded_pages_total',
		    '0+1x60' ],
		ProngReplacesGenerations => [ 'prong_generation', '0+1x60' ],
	);
	my @alerts = $rules =~ /alert: (\w+)/g;
	is_deeply([ sort keys %fires ], [ sort @alerts ],
	    'each rule has figures by which it fires');
	for my $alert (@alerts) {
		my @given = @{$fires{$alert} // []};
		my $series = '';
		while (my ($name, $values) = splice @given, 0, 2) {
			$name .= '{}' unless $name =~ /\}/;
			$name =~ s/\{/{instance="i",/ ;
			$name =~ s/,\}/}/;
			$series .= "  - series: '$name'\n    values: '$values'\n";
		}
		# promql_expr_test counts alerts without their texts.
		my $test = "rule_files: [ $examples/prong-alerts.yml ]\n"
		    . "tests:\n- interval: 1m\n  input_series:\n$series"
		    . "  promql_expr_test:\n"
		    . "  - expr: 'count(ALERTS{alertname=\"$alert\",alertstate=\"firing\"})'\n"
		    . "    eval_time: 40m\n    exp_samples:\n"
		    . "    - labels: '{}'\n      value: 1\n";
		($status, $output) = promtool('test', 'rules',
		    write_file("$alert.yml", $test));
		is($status, 0, "$alert can fire") or diag($output);
	}
	# A server that is well.
	my $test = "rule_files: [ $examples/prong-alerts.yml ]\n"
	    . "tests:\n- interval: 1m\n  input_series:\n";
	for my $series ([ 'up{job="prong"}', '1+0x60' ],
	    [ 'prong_ready', '1+0x60' ], [ 'prong_connections', '9+0x60' ],
	    [ 'prong_connections_limit', '100+0x60' ],
	    [ 'prong_generation', '7+0x60' ],
	    [ 'prong_responses_total{class="2xx"}', '0+98x60' ],
	    [ 'prong_responses_total{class="5xx"}', '3+0x60' ],
	    [ 'prong_handler_crashes_total{handler="a"}', '3+0x60' ],
	    [ 'prong_refusals_total{reason="full"}', '3+0x60' ]) {
		$test .= "  - series: '$series->[0]'\n"
		    . "    values: '$series->[1]'\n";
	}
	($status, $output) = promtool('test', 'rules', write_file('well.yml',
	    "$test  promql_expr_test:\n  - expr: 'ALERTS'\n"
	    . "    eval_time: 40m\n    exp_samples: []\n"));
	is($status, 0, 'and none does for a server that is well')
	    or diag($output);
}

done_testing;
