SELECT DISTINCT seller FROM closes WHERE state <> 'done' ORDER BY seller;
